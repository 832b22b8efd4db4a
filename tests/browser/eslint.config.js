/**
 * What ESLint holds against the page's sources, its tests, and every other script of ours. `npm run lint:eslint` runs
 * it from the clone's root: paths here are those of the repository.
 */

import js from "@eslint/js";
import globals from "globals";

const MODULES = ["**/*.js", "**/*.mjs"];
/** Scripts of Node.js; parts of some are run in a page by Playwright, and name what is there. */
const NODE = ["web/build.mjs", "tests/**", "scripts/**"];

/** Longer ones want a reason, which then stands beside an `eslint-disable` comment. */
const MOST_LINES = { file: 400, function: 60 };

/** A text stays in one piece, so that one can search for it; Prettier wraps all the rest. */
const LONG_ANYWAY = {
  ignoreUrls: true,
  ignoreStrings: true,
  ignoreTemplateLiterals: true,
  ignoreRegExpLiterals: true,
};

export default [
  { ignores: ["**/node_modules/", "build*/", "test-results/"] },
  js.configs.recommended,
  {
    files: MODULES,
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    rules: {
      "array-callback-return": "error",
      curly: ["error", "multi-line", "consistent"],
      "default-case-last": "error",
      eqeqeq: "error",
      "max-len": ["error", { code: 120, ...LONG_ANYWAY }],
      "max-lines": ["error", MOST_LINES.file],
      "max-lines-per-function": ["error", MOST_LINES.function],
      "no-alert": "error",
      "no-constructor-return": "error",
      "no-eval": "error",
      "no-extend-native": "error",
      "no-implicit-coercion": "error",
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-lonely-if": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Exports have names." }],
      "no-return-assign": ["error", "except-parens"],
      "no-self-compare": "error",
      "no-shadow": ["error", { builtinGlobals: false }],
      "no-throw-literal": "error",
      "no-unneeded-ternary": "error",
      "no-unused-private-class-members": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "all" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-constructor": "error",
      "no-useless-rename": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-object-spread": "error",
      "prefer-template": "error",
    },
  },
  { files: NODE, languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  { files: ["web/page/theme_early.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/browser/eslint.config.js"], rules: { "no-restricted-syntax": "off" } },
];
