/**
 * Who may do what on the stand-in server: sessions by cookie, the first administrator, tokens.
 */

import { randomBytes } from "node:crypto";

const LEAST_PASSWORD_LENGTH = 10;
const MOST_BODY_BYTES = 10_000;

const secret = (bytes) => randomBytes(bytes).toString("base64url");
const refuse = (status, error, headers = {}) => ({ status, body: { error }, headers });

/**
 * @typedef {object} Access
 * @property {string} [authentication] required, open or insecure
 * @property {boolean} [encrypted]
 * @property {boolean} [guest]
 * @property {Record<string, {password: string, role: string}>} [users] roles: admin, viewer
 * @property {string} [setupCode] while there are no users
 * @property {{name: string, role: string}|null} [proxyUser] who a proxy says it is
 * @property {any[]} [tokens] as listed
 * @property {any[]} [agents] likewise: who is shut out, waits, or is allowed
 * @property {any[]} [refusals] likewise: what was posted and refused
 */

export class StandInAccess {
  /** Seconds that whoever signs in has to wait; 0: none. */
  tooManyAttempts = 0;
  /** Every change that was asked for: `{method, path, headers, body}`. @type {any[]} */
  changes = [];
  #sessions = new Map();

  /** @param {Access} [settings] a copy is kept, as people change their passwords */
  constructor(settings = {}) {
    const own = structuredClone(settings);
    this.authentication = own.authentication ?? "open";
    this.encrypted = own.encrypted ?? false;
    this.guest = own.guest ?? false;
    this.users = own.users ?? {};
    this.setupCode = own.setupCode ?? "";
    this.proxyUser = own.proxyUser ?? null;
    this.tokens = own.tokens ?? [];
    this.agents = own.agents ?? [];
    this.refusals = own.refusals ?? [];
  }

  /** Nobody is signed in any more. */
  endSessions() {
    this.#sessions.clear();
  }

  /** A user's session gets another CSRF token, as if it had been signed in anew in another tab. */
  renewSessions() {
    for (const session of this.#sessions.values()) session.csrf = secret(16);
  }

  /** Signs in beside the page. @param {string} name @returns {string} the cookie's value */
  makeSession(name) {
    const id = secret(32);
    this.#sessions.set(id, { name, csrf: secret(16) });
    return id;
  }

  #person(request) {
    if (this.authentication !== "required") return null;
    if (this.proxyUser) return { ...this.proxyUser, via: "proxy", csrf: "of-the-proxy" };
    const [, id] = (request.headers.cookie ?? "").match(/(?:^|; )session=([^;]+)/) ?? [];
    const session = this.#sessions.get(id);
    return session
      ? { name: session.name, role: this.users[session.name].role, via: "session", csrf: session.csrf, id }
      : null;
  }

  /** The answer to GET /session. @param {import("node:http").IncomingMessage} request */
  describe(request, person = this.#person(request)) {
    const open = this.authentication !== "required";
    return {
      authentication: this.authentication,
      encrypted: this.encrypted,
      guest: this.guest,
      setup_needed: !open && this.setupCode !== "",
      user: person && { name: person.name, role: person.role, via: person.via },
      can_read: open || this.guest || person !== null,
      can_manage: open || person?.role === "admin",
      csrf: person?.csrf ?? null,
    };
  }

  /** Why a request may not read, or null. @param {import("node:http").IncomingMessage} request */
  refuseReading(request) {
    return this.describe(request).can_read ? null : refuse(401, "sign in first", { "WWW-Authenticate": "Bearer" });
  }

  /**
   * @param {import("node:http").IncomingMessage} request @param {string} path
   * @returns {Promise<{status: number, body: object, headers?: object}|null>} null: not a route of this part
   */
  async answer(request, path) {
    const { method } = request;
    if (path === "session" && method === "GET") return { status: 200, body: this.describe(request) };
    if (path === "refusals") return this.#answerRefusals(this.describe(request));
    const isToken = path === "tokens" || path.startsWith("tokens/");
    const [, host] = path.match(/^hosts\/([^/]+)\/allow$/) ?? [];
    if (!isToken && !host && !["session", "setup", "password"].includes(path)) return null;
    const body = await this.#read(request);
    if (method !== "GET") {
      this.changes.push({
        method,
        path,
        query: new URL(request.url, "http://stand-in").search,
        headers: request.headers,
        body,
      });
    }
    const person = this.#person(request);
    const forbidden = this.#refuseChange(request, person, body);
    if (forbidden) return forbidden;
    if (host && method === "DELETE") {
      return this.#takeBack(
        decodeURIComponent(host),
        new URL(request.url, "http://stand-in").searchParams.get("agent"),
        this.describe(request, person),
      );
    }
    if (host) {
      return this.#allow(
        decodeURIComponent(host),
        new URL(request.url, "http://stand-in").searchParams.get("agent"),
        this.describe(request, person),
      );
    }
    if (isToken) return this.#answerTokens(method, path, this.describe(request, person), body);
    if (path === "session") return method === "DELETE" ? this.#signOut(person) : this.#signIn(body);
    return path === "setup" ? this.#setUp(body) : this.#changePassword(person, body);
  }

  async #read(request) {
    let text = "";
    for await (const chunk of request) {
      text += chunk;
      if (text.length > MOST_BODY_BYTES) throw new Error("a body this large is no business of the page");
    }
    return text === "" ? null : JSON.parse(text);
  }

  /**
   * A change of another part: its body, or why it is refused.
   * @param {import("node:http").IncomingMessage} request
   */
  async readChange(request) {
    const body = await this.#read(request);
    return { body, refused: this.#refuseChange(request, this.#person(request), body) };
  }

  #refuseChange(request, person, body) {
    if (request.method === "GET") return null;
    if (body !== null && request.headers["content-type"] !== "application/json") return refuse(415, "send JSON");
    if (person && request.headers["x-csrf-token"] !== person.csrf) {
      return refuse(403, "the X-CSRF-Token is missing or wrong");
    }
    return null;
  }

  #welcome(name) {
    const id = this.makeSession(name);
    const person = { name, role: this.users[name].role, via: "session", csrf: this.#sessions.get(id).csrf };
    return {
      status: 200,
      body: this.describe(null, person),
      headers: { "Set-Cookie": `session=${id}; HttpOnly; SameSite=Strict; Path=/` },
    };
  }

  #signIn({ user, password }) {
    if (this.tooManyAttempts > 0) {
      return refuse(429, "too many attempts", { "Retry-After": String(this.tooManyAttempts) });
    }
    if (!Object.hasOwn(this.users, user) || this.users[user].password !== password) {
      return refuse(401, "wrong user or password", { "WWW-Authenticate": "Bearer" });
    }
    return this.#welcome(user);
  }

  #signOut(person) {
    this.#sessions.delete(person?.id);
    return { status: 200, body: { status: "ok" } };
  }

  #setUp({ code, user, password }) {
    if (this.setupCode === "") return refuse(409, "there is an administrator already");
    if (code !== this.setupCode) return refuse(403, "wrong code");
    if (password.length < LEAST_PASSWORD_LENGTH || user === "") {
      return refuse(400, "the password needs at least 10 characters");
    }
    this.setupCode = "";
    this.users[user] = { password, role: "admin" };
    return this.#welcome(user);
  }

  #changePassword(person, { current, password }) {
    if (person?.via !== "session") return refuse(401, "sign in first", { "WWW-Authenticate": "Bearer" });
    if (this.users[person.name].password !== current) return refuse(403, "wrong current password");
    this.users[person.name].password = password;
    return { status: 200, body: { status: "ok" } };
  }

  #answerTokens(method, path, session, body) {
    if (!session.can_read) return refuse(401, "sign in first", { "WWW-Authenticate": "Bearer" });
    if (!session.can_manage) return refuse(403, "for administrators");
    if (method === "GET") return { status: 200, body: { tokens: this.tokens, agents: this.agents } };
    if (method === "POST") return this.#makeToken(body);
    const id = decodeURIComponent(path.slice("tokens/".length));
    const kept = this.tokens.filter((token) => String(token.id) !== id);
    if (kept.length === this.tokens.length) return refuse(404, "there is no such token");
    this.tokens = kept;
    return { status: 200, body: { status: "ok" } };
  }

  #answerRefusals(session) {
    if (!session.can_read) return refuse(401, "sign in first", { "WWW-Authenticate": "Bearer" });
    if (!session.can_manage) return refuse(403, "for administrators");
    return { status: 200, body: { now: Math.floor(Date.now() / 1000), refusals: this.refusals } };
  }

  #allow(host, agent, session) {
    if (!session.can_manage) return refuse(403, "for administrators");
    this.agents = this.agents.map((each) =>
      each.host === host && each.agent === agent
        ? { ...each, standing: "allowed", since: Math.floor(Date.now() / 1000) }
        : each,
    );
    return { status: 200, body: { status: "ok", agent } };
  }

  #takeBack(host, agent, session) {
    if (!session.can_manage) return refuse(403, "for administrators");
    this.agents = this.agents.filter(
      (each) => each.host !== host || each.agent !== agent || each.standing === "shut_out",
    );
    return { status: 200, body: { status: "ok" } };
  }

  #makeToken({ name, scope, host = null, expires_in: lifetime, uses = null }) {
    if (scope === "agent" && !host) return refuse(400, "an agent's token needs a host");
    const now = Math.floor(Date.now() / 1000);
    const listed = {
      id: secret(6),
      name,
      scope,
      host,
      created: now,
      last_used: null,
      expires: lifetime ? now + lifetime : null,
      uses_left: uses,
      made_by: "user admin",
    };
    this.tokens = [...this.tokens, listed];
    return { status: 200, body: { ...listed, token: `${scope === "enroll" ? "hwe_" : "hw_"}${secret(32)}` } };
  }
}
