/**
 * Starts the dashboard.
 */

import { Dashboard } from "./page/dashboard.js";

new Dashboard().start();
