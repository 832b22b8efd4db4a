/** The views of alarms that draw charts, as one file to load when the first of them is asked for. */

export { AlarmView } from "./alarm.js";
export { RuleView } from "./rule.js";
