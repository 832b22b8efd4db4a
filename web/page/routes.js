/**
 * Which view is shown: what the address names, as far as the person who looks at it may see it.
 */

/** Views that show hosts over a time that one chooses. */
export const TIMED_VIEWS = new Set(["host", "compare"]);

/** Views that show hosts; the others need not wait for them. */
export const HOST_VIEWS = new Set(["overview", ...TIMED_VIEWS, "alarms", "alarm", "rules", "rule", "silences"]);

/** Whether the first administrator can be made. @param {import("../access/session.js").SessionState} session */
function needsSetUp(session) {
  return session.authentication === "required" && session.setup_needed;
}

/** Whether signing in would change anything. @param {import("../access/session.js").SessionState} session */
export function canSignIn(session) {
  return session.authentication === "required" && session.user === null;
}

/**
 * @param {import("./state.js").PageState} state
 * @param {import("../access/session.js").SessionState} session
 * @returns {import("./state.js").ViewName|"refused"}
 */
export function chooseView(state, session) {
  const door = needsSetUp(session) ? "setup" : "sign-in";
  if (!session.can_read) return door;
  switch (state.view) {
    case "setup":
      return needsSetUp(session) ? "setup" : "overview";
    case "sign-in":
      return canSignIn(session) ? door : "overview";
    case "access":
    case "channels":
      return session.can_manage ? state.view : "refused";
    case "rule":
      return session.can_manage || state.id !== "" ? "rule" : "refused";
    case "account":
      return session.user?.via === "session" ? "account" : "refused";
    default:
      return state.view;
  }
}
