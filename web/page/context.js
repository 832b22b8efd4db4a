/**
 * What views need of the page around them.
 */

/** @typedef {import("./state.js").PageState} PageState */

export class Context {
  /** Who looks at the page. @type {import("../access/session.js").Session} */
  session;
  /** By which the next host is added. @type {import("../access/enrolment_token.js").EnrolmentToken} */
  enrolment;
  /** Tells what fails. @type {import("./banner.js").Banner} */
  banner;
  #feed;
  #navigation;

  /**
   * @param {object} parts
   * @param {import("../access/session.js").Session} parts.session
   * @param {import("../access/enrolment_token.js").EnrolmentToken} parts.enrolment
   * @param {import("./banner.js").Banner} parts.banner
   * @param {import("./host_feed.js").HostFeed} parts.feed
   * @param {import("./navigation.js").Navigation} parts.navigation
   */
  constructor({ session, enrolment, banner, feed, navigation }) {
    this.session = session;
    this.enrolment = enrolment;
    this.banner = banner;
    this.#feed = feed;
    this.#navigation = navigation;
  }

  /** The server's timeframes and metrics. @returns {any} */
  get catalogue() {
    return this.#feed.catalogue;
  }

  /** As the server lists them. @returns {any[]} */
  get hosts() {
    return this.#feed.hosts;
  }

  /** Unix seconds by the server's clock. */
  now() {
    return this.#feed.now();
  }

  /** Seconds between two requests of one kind. */
  pollSeconds() {
    return this.#feed.pollSeconds();
  }

  /**
   * @param {PageState} state what to show
   * @param {{replace?: boolean}} [how] replace: Back does not lead to what was shown before, as after each letter of a
   *   search
   */
  navigate(state, how) {
    this.#navigation.go(state, how);
  }
}
