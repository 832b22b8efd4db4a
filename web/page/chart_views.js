/** The views that draw charts, as one file to load when the first of them is asked for. */

export { CompareView } from "../compare/compare.js";
export { HostView } from "../host/host.js";
