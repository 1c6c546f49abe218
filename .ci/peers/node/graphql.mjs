// Checks the GraphQL exchanges of a record against GitHub's schema: graphql.mjs EXCHANGES.jsonl COUNTS
//
// The document must be valid and the variables must fit it. The answer must be what the document asks for: it is run
// with the recorded data as the source of all values, and what comes out must be the recorded data.
// Prints a line for each violation and appends `passed failed` to COUNTS.
import { appendFileSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  buildSchema, execute, getOperationAST, GraphQLInt, isObjectType, parse, typeFromAST, validate,
} from "graphql";
import { getVariableValues } from "graphql/execution/values.js";

// The published schema repeats fields, which a strict reading refuses.
const sdl = readFileSync(new URL("node_modules/@octokit/graphql-schema/schema.graphql", import.meta.url), "utf8");
const schema = buildSchema(sdl, { assumeValidSDL: true });

const scalar = (name, pattern) => {
  schema.getType(name).serialize = (value) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    throw new TypeError(`${name} cannot be ${JSON.stringify(value)}`);
  };
};
scalar("BigInt", /^-?\d+$/);
scalar("DateTime", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
scalar("GitObjectID", /^[0-9a-f]{40}$/);
scalar("URI", /^https?:\/\//);
// GitHub's ids are larger than GraphQL's integers, and it sends them all the same.
GraphQLInt.serialize = (value) => {
  if (Number.isSafeInteger(value)) return value;
  throw new TypeError(`Int cannot be ${JSON.stringify(value)}`);
};

// The keys that a selection puts into an object of this type.
function keys(type, selections, fragments) {
  return selections.flatMap((selection) => {
    if (selection.kind === "Field") return [(selection.alias ?? selection.name).value];
    const fragment = selection.kind === "InlineFragment" ? selection : fragments[selection.name.value];
    const on = fragment.typeCondition ? typeFromAST(schema, fragment.typeCondition) : type;
    const applies = on === type || (!isObjectType(on) && schema.isSubType(on, type));
    return applies ? keys(type, fragment.selectionSet.selections, fragments) : [];
  });
}

// The type of an object: as it says itself, else the one whose selected fields are the ones that are there.
function typeOf(value, _context, info, abstract) {
  if (value.__typename) return value.__typename;
  const there = Object.keys(value).sort();
  const selections = info.fieldNodes.flatMap((node) => node.selectionSet.selections);
  const fits = (type) => isDeepStrictEqual([...new Set(keys(type, selections, info.fragments))].sort(), there);
  return schema.getPossibleTypes(abstract).find(fits)?.name;
}

function check({ request, response }) {
  const wrong = (response.errors ?? []).some((error) => error.extensions?.code === "undefinedField");
  // Misuse on purpose, told as such.
  if (wrong && response.data === undefined) return [];
  let document;
  try {
    document = parse(request.query);
  } catch (error) {
    return response.data === undefined && response.errors ? [] : [`document: ${error.message}`];
  }
  const out = validate(schema, document).map((error) => `document: ${error.message}`);
  const operation = getOperationAST(document, request.operationName ?? undefined);
  if (!operation) return [...out, "document: no operation of that name, or several and none named"];
  const variables = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
  out.push(...(variables.errors ?? []).map((error) => `variables: ${error.message}`));
  const declared = new Set((operation.variableDefinitions ?? []).map((each) => each.variable.name.value));
  for (const name of Object.keys(request.variables ?? {})) {
    if (!declared.has(name)) out.push(`variables: $${name} is not declared`);
  }
  if (out.length || !response.data) return out.length || response.errors ? out : ["answer: neither data nor errors"];
  const again = execute({
    schema,
    document,
    rootValue: response.data,
    variableValues: request.variables ?? {},
    operationName: request.operationName ?? undefined,
    fieldResolver: (source, _arguments, _context, info) => source[info.path.key],
    typeResolver: typeOf,
  });
  out.push(...(again.errors ?? []).map((error) => `answer: ${(error.path ?? []).join("/")}: ${error.message}`));
  const plain = JSON.parse(JSON.stringify(again.data ?? null));
  if (!out.length && !isDeepStrictEqual(plain, response.data)) out.push(...differences(plain, response.data, "data"));
  return out;
}

function differences(wanted, got, path) {
  if (isDeepStrictEqual(wanted, got)) return [];
  const nested = [wanted, got].every((value) => typeof value === "object" && value !== null);
  if (!nested) return [`answer: ${path}: is ${JSON.stringify(got)}, wants ${JSON.stringify(wanted)}`];
  const names = new Set([...Object.keys(wanted), ...Object.keys(got)]);
  return [...names].flatMap((name) => differences(wanted[name], got[name], `${path}/${name}`));
}

const [file, counts] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const seen = new Map();
readFileSync(file, "utf8").split("\n").forEach((line, index) => {
  if (!line) return;
  const exchange = JSON.parse(line);
  if (exchange.path !== "/graphql" || exchange.status !== 200) return;
  // Tests repeat themselves a lot.
  if (!seen.has(line)) seen.set(line, check(exchange));
  for (const violation of seen.get(line)) console.log(`line ${index + 1}: /graphql: ${violation}`);
  if (seen.get(line).length) failed += 1;
  else passed += 1;
});
appendFileSync(counts, `${passed} ${failed}\n`);
