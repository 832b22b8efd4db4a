/**
 * What the tests of sign-in and tokens share: who there is, which tokens there are, and what they find on the page.
 */

export const HOSTS = [{ hostname: "web-1", interval: 1 }];
export const NOW = Math.floor(Date.now() / 1000);
export const DAY = 86_400;
export const HOSTILE = "<img src=x onerror=alert(1)>";
export const token = (id, name, scope, more = {}) => ({
  id,
  name,
  scope,
  host: null,
  created: NOW - 40 * DAY,
  last_used: NOW - 3600,
  expires: null,
  uses_left: null,
  made_by: null,
  ...more,
});
const TOKENS = () => [
  token("t1", "Prometheus", "read", { expires: NOW + 300 * DAY }),
  token("t/2", HOSTILE, "write", { last_used: null }),
  token("t3", "Racks", "enroll", { uses_left: 4, expires: NOW - DAY }),
  token("t4", "web-1", "agent", { host: "web-1" }),
];
export const closed = (more = {}) => ({
  authentication: "required",
  users: { admin: { password: "correct horse", role: "admin" }, mira: { password: "battery staple", role: "viewer" } },
  tokens: TOKENS(),
  ...more,
});
export const ADMIN = { hosts: HOSTS, access: closed(), as: "admin" };

export const heading = (page, name, level = 1) => page.getByRole("heading", { level, name, exact: true });
export const dialog = (page) => page.getByRole("dialog");
export const button = (scope, name) => scope.getByRole("button", { name, exact: true });
export const focused = (page) =>
  page.evaluate(() => {
    const field = /** @type {HTMLInputElement} */ (document.activeElement);
    return field.labels?.[0]?.textContent ?? field.textContent;
  });
export const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };
/** The cells of a token's row. */
export const cells = (page, name) =>
  page
    .getByRole("row")
    .filter({ has: page.getByText(name, { exact: true }) })
    .first()
    .getByRole("cell")
    .allTextContents();
