/**
 * The commands that start an agent on another machine.
 */

/** Where the agent's container finds its token, and where the machine keeps it. */
const TOKEN_IN_CONTAINER = "/run/secrets/hostwatch-token";
const TOKEN_ON_MACHINE = "/etc/hostwatch/agent-token";

/** The user that the agent's image runs as. */
const CONTAINER_USER = 10001;

const PLAIN_OPTION = " --allow-plaintext-token";

/**
 * A word of a shell command that means exactly this text.
 * @param {string} text
 * @returns {string}
 */
export function shellWord(text) {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * A line that writes the token into a file. `printf` is a part of the shell: the token never stands in the list of
 * processes.
 * @param {string} token @param {string} into the rest of the line
 */
function writeToken(token, into) {
  return `printf '%s\\n' ${shellWord(token)} ${into}`;
}

/**
 * @typedef {object} AgentTarget
 * @property {string} address the whole address that agents post to
 * @property {string} [token] left out where the server asks for none
 * @property {boolean} isLoopback the address means the machine itself
 * @property {boolean} isPlain others on the way can read what is sent: then an agent sends its token only when it is
 *   told to
 *
 * @param {AgentTarget} target
 * @returns {string} shell commands for a machine that has the agent's program
 */
export function programCommands({ address, token, isPlain }) {
  const command = `hostwatch-agent --server-url ${shellWord(address)}`;
  if (!token) return command;
  return `(umask 077; ${writeToken(token, "\\\n  > hostwatch-token")})\n${command} \\\n  --token-file hostwatch-token${isPlain ? PLAIN_OPTION : ""}`;
}

/**
 * @param {AgentTarget} target
 * @returns {string} shell commands for a machine with Docker; the agent watches the machine, not its container
 */
export function dockerCommands({ address, token, isLoopback, isPlain }) {
  const lines = [
    "docker run -d --name hostwatch-agent --restart unless-stopped",
    `  --uts host${isLoopback ? " --network host" : ""} --read-only --cap-drop ALL`,
    "  --security-opt no-new-privileges",
    "  -v hostwatch-spool:/var/lib/hostwatch-agent",
    "  -v /proc:/host/proc:ro -v /:/host/root:ro,rslave",
    ...(token
      ? [`  -v ${TOKEN_ON_MACHINE}:${TOKEN_IN_CONTAINER}:ro`, `  -e AGENT_TOKEN_FILE=${TOKEN_IN_CONTAINER}`]
      : []),
    `  -e SERVER_URL=${shellWord(address)}`,
    `  hostwatch-agent --proc-root /host/proc --rootfs /host/root${token && isPlain ? PLAIN_OPTION : ""}`,
  ];
  const run = lines.join(" \\\n");
  if (!token) return run;
  const install = `| sudo install -D -m 400 -o ${CONTAINER_USER} /dev/stdin ${TOKEN_ON_MACHINE}`;
  return `${writeToken(token, `\\\n  ${install}`)}\n${run}`;
}
