/**
 * What a person should know of how this server is guarded, for as long as it is so.
 */

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host name of an address means this machine alone. @param {string} hostname as in `location` */
export function isLoopback(hostname) {
  return LOOPBACK.test(hostname);
}

/**
 * Whether others on the way could read what is sent. A proxy in front may encrypt without the server's knowledge: the
 * page's own address tells.
 * @param {{encrypted: boolean}} session
 * @param {{protocol: string, hostname: string}} place the page's location
 */
export function isOpenToReaders(session, { protocol, hostname }) {
  return !session.encrypted && protocol !== "https:" && !isLoopback(hostname);
}

/**
 * @param {import("./session.js").SessionState} session
 * @param {{protocol: string, hostname: string}} place the page's location
 * @returns {string[]} sentences; none where all is as it should be
 */
export function noticesOf(session, place) {
  const notices = [];
  if (session.authentication === "insecure") {
    notices.push("Anybody who can reach this server can read and change everything: it was started with --insecure.");
  }
  if (session.user?.via === "session" && isOpenToReaders(session, place)) {
    notices.push(
      "This connection is not encrypted: others on the way can read what you see and type, and act in your name.",
    );
  }
  return notices;
}
