/**
 * Chart.js with the parts that our charts are made of, its date adapter and its zoom plug-in (Hammer.js brings the
 * touch screen's pinch).
 */

import {
  Chart,
  Filler,
  Interaction,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  TimeScale,
  Tooltip,
} from "chart.js";
import { getRelativePosition } from "chart.js/helpers";
import "chartjs-adapter-date-fns";
import zoomPlugin from "chartjs-plugin-zoom";

Chart.register(Filler, Legend, LinearScale, LineController, LineElement, PointElement, TimeScale, Tooltip, zoomPlugin);

// As Chart.js does itself where it is loaded as a plain script: what is drawn can be looked at from the browser's
// console, and by tests.
globalThis.Chart = Chart;

export { Chart, getRelativePosition, Interaction };
