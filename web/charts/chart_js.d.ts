/**
 * What our charts add to Chart.js, for the type checker alone.
 */

import type {
  ChartType,
  DefaultDataPoint,
  InteractionModeFunction,
} from "chart.js";
import type { Point } from "../history/series.js";
import type { Range } from "../page/state.js";
import type { AlarmBand, LimitLine } from "./alarm_bands.js";
import type { Theme } from "./palette.js";

/** What a chart's plug-ins draw; times in milliseconds. */
export interface ChartExtra {
  /** From a time to the nearest point that still tells of it; undefined: as far as you like. */
  reach?: number;
  /** Times in which the host sent nothing, and the colour of their hatching. */
  away: Range[];
  awayColour: string;
  /** Times in which something was wrong, limits, and the colours of both by severity. */
  alarms: AlarmBand[];
  limits: LimitLine[];
  alarmColours: Record<"info" | "warning" | "critical", string>;
  /** A heat strip in place of lines; cell: for how long one value stands. */
  heat: { theme: Theme; cell: number; minimum: number; maximum: number } | null;
  /** What is filled, each for the line of that key; bottom null: down to the axis. */
  areas: {
    key: string;
    points: Point[];
    colour: string;
    top: (point: Point) => number;
    bottom: ((point: Point) => number) | null;
  }[];
}

declare module "chart.js" {
  interface Chart<
    TType extends ChartType = ChartType,
    TData = DefaultDataPoint<TType>,
    TLabel = unknown,
  > {
    extra?: ChartExtra;
  }
  interface InteractionModeMap {
    nearestTime: InteractionModeFunction;
  }
  interface LineControllerDatasetOptions {
    /** Tells the line from the others of the chart. */
    key: string;
  }
  interface PluginOptionsByType<TType extends ChartType> {
    momentUnderPointer: { onMoment: (milliseconds: number | null) => void };
    alarmBands: { onAlarm?: (id: number) => void };
  }
}
