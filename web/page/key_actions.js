/**
 * What the keys of the whole page do, each by leading to another address.
 */

import { neighbourOf } from "./navigation.js";
import { HOST_VIEWS, TIMED_VIEWS } from "./routes.js";
import { stateFor } from "./state.js";
import { nextTimeframe, toggleLive } from "../time/time_span.js";

/**
 * @param {import("./context.js").Context} context
 * @param {import("./navigation.js").Navigation} navigation
 * @param {import("../wall/wall.js").Wall} wall
 * @param {() => string} shownView the name of the view that is there
 * @returns {ConstructorParameters<typeof import("./keyboard.js").Keyboard>[0]}
 */
export function keyActions(context, navigation, wall, shownView) {
  const mayRead = () => context.session.current?.can_read === true;
  return {
    go(view) {
      if (mayRead()) navigation.go(stateFor(view, navigation.state));
    },
    switchZone() {
      const { state } = navigation;
      if (HOST_VIEWS.has(state.view)) navigation.go({ ...state, utc: !state.utc }, { replace: true });
    },
    nextTimeframe() {
      if (!TIMED_VIEWS.has(shownView())) return;
      navigation.go(nextTimeframe(context.catalogue, navigation.state), { replace: wall.isOn });
    },
    toggleLive() {
      if (!TIMED_VIEWS.has(shownView())) return;
      navigation.go(toggleLive(context.catalogue, navigation.state, context.now()));
    },
    wall() {
      if (mayRead()) wall.toggle();
    },
    neighbour(distance) {
      if (shownView() !== "host") return false;
      const next = neighbourOf(navigation.state, context.hosts, distance);
      if (next !== null) navigation.go(next, { replace: wall.isOn });
      return next !== null;
    },
  };
}
