/** The views of alarms that draw no charts, as one file to load when the first of them is asked for. */

export { AlarmsView } from "./alarms.js";
export { ChannelsView } from "./channels.js";
export { RulesView } from "./rules.js";
export { SilencesView } from "./silences.js";
