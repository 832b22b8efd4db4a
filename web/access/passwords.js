/**
 * A new password, typed twice.
 */

import { field, FieldError, passwordInput } from "../parts/forms.js";

export const LEAST_PASSWORD_LENGTH = 10;

/**
 * What is wrong with a new password.
 * @param {string} password @param {string} repeated
 * @returns {{part: "password"|"repeated", message: string}|null}
 */
export function passwordProblem(password, repeated) {
  if ([...password].length < LEAST_PASSWORD_LENGTH) {
    return { part: "password", message: `The password needs at least ${LEAST_PASSWORD_LENGTH} characters.` };
  }
  if (password !== repeated) return { part: "repeated", message: "The two passwords differ." };
  return null;
}

export class NewPassword {
  #inputs = {
    password: passwordInput("new-password", "new-password"),
    repeated: passwordInput("new-password-again", "new-password"),
  };

  /** @param {string} label of the first field */
  constructor(label) {
    this.fields = [
      field(label, this.#inputs.password, `At least ${LEAST_PASSWORD_LENGTH} characters.`),
      field("The same again", this.#inputs.repeated),
    ];
  }

  /** The first of the two fields, for what the server has against the password. */
  get input() {
    return this.#inputs.password;
  }

  /** @returns {string} the password @throws {FieldError} */
  read() {
    const { password, repeated } = this.#inputs;
    const problem = passwordProblem(password.value, repeated.value);
    if (problem) throw new FieldError(problem.message, this.#inputs[problem.part]);
    return password.value;
  }
}
