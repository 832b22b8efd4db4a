/**
 * The catalogue of the server's program.
 */

import { Installation } from "./programs.js";

/** @returns {Promise<any>} what a fresh server answers to GET /catalogue, without its version */
export async function fetchCatalogue() {
  const installation = new Installation();
  await installation.startServer();
  try {
    const answer = await fetch(`http://127.0.0.1:${installation.port}/catalogue`);
    const catalogue = await answer.json();
    delete catalogue.version;
    return catalogue;
  } finally {
    await installation.stop();
  }
}
