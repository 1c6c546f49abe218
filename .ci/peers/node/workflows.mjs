// Reads workflows and action.yml as GitHub's own language service does: what it complains about would fail on GitHub
// as well. Prints one line for each complaint and ends with 1 when one of them is an error.
//
//   workflows.mjs FILE...
//
// The service's packages import JSON without saying so; that only works in a bundle, which `.ci/peers/node/install` makes.
import { readFileSync } from "node:fs";
import { validate } from "@actions/languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";

// The inputs of other repositories' actions stand on GitHub, which is not asked.
const unknown = "Unable to resolve action";
const actionsMetadataProvider = { fetchActionMetadata: () => Promise.resolve(undefined) };

let errors = 0;
for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, "utf8");
  const document = TextDocument.create(`file:///${path}`, "yaml", 0, text);
  for (const { message, range, severity } of await validate(document, { actionsMetadataProvider })) {
    if (message.startsWith(unknown)) {
      continue;
    }
    // 2 and above are warnings: a secret or a matrix key may exist though the file does not show it.
    const isError = (severity ?? 1) === 1;
    errors += isError ? 1 : 0;
    const { line, character } = range.start;
    console.log(`${path}:${line + 1}:${character + 1}: ${isError ? "error" : "warning"}: ${message}`);
  }
}
process.exitCode = errors > 0 ? 1 : 0;
