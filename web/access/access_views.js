/** The views of who may do what, as one file to load when the first of them is asked for. */

export { AccessView } from "./access.js";
export { AccountView } from "./account.js";
export { RefusedView } from "./refused.js";
export { SetUpView } from "./setup.js";
export { SignInView } from "./sign_in.js";
