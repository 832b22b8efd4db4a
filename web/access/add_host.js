/**
 * How to get another host: the commands for its agent, with a token to enrol by where the server asks for one.
 */

import { dockerCommands, programCommands } from "./agent_commands.js";
import { copyBox } from "../parts/copy.js";
import { Dialog } from "../parts/dialog.js";
import { element, setText } from "../parts/dom.js";
import { asSentence, format } from "../parts/format.js";
import { notice } from "../parts/loading.js";
import { isLoopback, isOpenToReaders } from "./notices.js";
import { RefusalWatch } from "./refusals.js";
import { isTokenNeeded } from "./tokens.js";

/** The whole address that agents post to, as this page reaches the server. */
function agentAddress() {
  return new URL("metrics", document.baseURI).href;
}

/**
 * @param {string} [token] to enrol by; left out where the server asks for none
 * @returns {Node[]}
 */
export function agentInstructions(token) {
  // Agents take the way that this page took; how far the server itself encrypts says nothing of theirs.
  const isPlain = isOpenToReaders({ encrypted: false }, location);
  const target = { address: agentAddress(), token, isLoopback: isLoopback(location.hostname), isPlain };
  const hints = [];
  if (target.isLoopback) {
    hints.push(
      `${location.host} is the server as this machine alone reaches it. On another machine put the server's own address there.`,
    );
  }
  if (token && isPlain) {
    hints.push(
      "This address is not encrypted: others on the way can read the token, which an agent sends only with --allow-plaintext-token. Better let the server encrypt.",
    );
  }
  return [
    copyBox("With the program", programCommands(target)),
    copyBox("With Docker", dockerCommands(target)),
    element(
      "p",
      { class: "field-hint" },
      "The image is built in a clone of Hostwatch: ",
      element("code", {}, "docker build -f Dockerfile.agent -t hostwatch-agent ."),
    ),
    ...hints.map((hint) => element("p", { class: "field-hint" }, hint)),
  ];
}

/** @param {{expires: number, isNew: boolean}|null} made null: no token is needed */
function describeToken(made) {
  if (made === null) return "";
  if (made.isNew) {
    return " The token in it is good for one host and one day, and is shown only until you leave this page.";
  }
  return ` The token in it is the one from before, which nobody has used yet: it is good for one host until ${format.formatMoment(made.expires)}.`;
}

/** Above the commands, where it is seen: little of it, and nothing of hours ago. */
const REFUSED_MEANWHILE = /** @type {const} */ ({ heading: "h3", most: 3, seconds: 3600 });

/**
 * Makes what a new host needs, and shows it, with what is refused meanwhile.
 * @param {import("../page/context.js").Context} context
 */
async function showCommands({ session, enrolment }) {
  const made = isTokenNeeded(session.current) ? await enrolment.get() : null;
  const refusals = new RefusalWatch(REFUSED_MEANWHILE);
  const dialog = new Dialog(
    "Add a host",
    element(
      "p",
      {},
      `Run this on the machine that you want to watch.${describeToken(made)} The host appears here with its first reading.`,
    ),
    refusals.element,
    ...agentInstructions(made?.token),
  );
  dialog.onClose(() => refusals.stop());
  dialog.open();
  refusals.start();
  return made;
}

/**
 * A button that adds a host, and the line that tells why it could not.
 * @param {import("../page/context.js").Context} context
 * @param {string} style of the button
 * @param {() => void} [onMade] is called when there is a token more
 * @returns {HTMLElement}
 */
export function addHostButton(context, style, onMade = () => {}) {
  const error = element("p", { class: "form-error", role: "alert" });
  let isBusy = false;
  const button = element(
    "button",
    {
      type: "button",
      class: style,
      async onclick() {
        if (isBusy) return; // one token is enough
        isBusy = true;
        setText(error, "");
        try {
          const made = await showCommands(context);
          if (made?.isNew) onMade();
        } catch (failure) {
          setText(error, asSentence(failure.message));
        }
        isBusy = false;
      },
    },
    "Add a host",
  );
  return element("div", { class: "add-host" }, button, error);
}

/** What stands where hosts will be. @param {import("../page/context.js").Context} context @returns {HTMLElement} */
export function noHostsYet(context) {
  const { current } = context.session;
  const title = "No hosts yet";
  if (!current.can_manage) {
    return notice(
      title,
      element(
        "p",
        {},
        "Nothing is watched yet. An administrator can add hosts; they appear here with their first reading, without a reload.",
      ),
    );
  }
  const start =
    "Start an agent on a machine that you want to watch. It appears here with its first reading, without a reload.";
  if (isTokenNeeded(current)) {
    return notice(title, element("p", {}, start), addHostButton(context, "button button-primary"));
  }
  return notice(
    title,
    element("p", {}, start),
    element(
      "pre",
      { tabindex: "0", role: "group", "aria-label": "Command" },
      element(
        "code",
        {},
        programCommands({ address: agentAddress(), isLoopback: isLoopback(location.hostname), isPlain: false }),
      ),
    ),
  );
}
