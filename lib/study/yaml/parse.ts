import { append } from "../../base/numbers.ts";
import {
  type Alias,
  CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
} from "yaml";
import type { Issue } from "../../base/issue.ts";
import { findDeepNesting } from "./_deep_nesting.ts";
import { explainSyntaxError } from "./_syntax_error.ts";
import type { IssueText } from "../messages.ts";
import {
  aliasOfItself,
  aliasUndefined,
  deeperThan,
  invalidKey,
  keyGivenTwice,
  loneSurrogate,
  nestedTooDeeply,
  notMergeable,
  olderYaml,
  secondDocument,
  tooManyAliased,
  unsupportedTag,
} from "./messages.ts";
import { joinPath } from "../paths.ts";
import { issueAt, type SourceText } from "../source_text.ts";
import type { MapEntry, MapTree, ScalarTree, Tree } from "../tree.ts";

/** Deeper nesting is refused: no study needs it, and every walk over a tree may then recurse. */
const DEEPEST = 100;
/** Values that aliases may add to a file, so that a few lines cannot stand for more than memory holds. */
const MOST_ALIASED = 1_000_000;
const MOST_SYNTAX_ISSUES = 5;
const PLAIN_TAGS = new Set(["str", "int", "float", "bool", "null", "map", "seq"]);
/** Assigning this name to an object would not make a member of it. */
const RESERVED_KEY = "__proto__";
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a text holds: a tree (null where it holds nothing), or the mistakes that keep it from being one. */
export interface ParsedText {
  readonly tree: Tree | null;
  readonly issues: readonly Issue[];
}

/** Reads YAML 1.2 (and so JSON) with the place of every key and value. The only file that knows the yaml package. */
export function parseText(source: SourceText): ParsedText {
  const deep = findDeepNesting(source.text);
  if (deep !== null) {
    return { tree: null, issues: [issueAt({ source, offset: deep }, "", nestedTooDeeply())] };
  }
  const parsed = parseAllDocuments(source.text, {
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) return { tree: null, issues: syntaxIssues(source, errors) };
  if (documents.some(({ directives: { yaml: { explicit, version } } }) => explicit && version === "1.1")) {
    // Its words and numbers mean other things: `yes` is true, 010 is 8.
    const location = { source, offset: Math.max(0, source.text.indexOf("%YAML")) };
    return {
      tree: null,
      issues: [issueAt(location, "", olderYaml())],
    };
  }
  const [first, ...others] = documents.filter(({ contents }) => !isEmptyNode(contents));
  if (others[0] !== undefined) {
    const location = { source, offset: others[0].range[0] };
    return { tree: null, issues: [issueAt(location, "", secondDocument())] };
  }
  if (first === undefined) return { tree: null, issues: [] };
  const reader: Reader = { source, anchors: new Map(), open: new Set(), values: 0, aliased: 0, issues: [] };
  const tree = readNode(reader, first.contents, "", 1);
  return reader.issues.length > 0 ? { tree: null, issues: reader.issues } : { tree, issues: [] };
}

/** A piece of a YAML text as its grammar sees it: `comment`, `anchor`, `tag` ...; the letters of a plain text have no type. */
export interface Lexeme {
  readonly type: string | null;
  readonly text: string;
}

/** The pieces of a YAML text in order. Nothing is checked. */
export function* lexemesOf(text: string): Generator<Lexeme> {
  for (const piece of new Lexer().lex(text)) yield { type: CST.tokenType(piece), text: piece };
}

function syntaxIssues(source: SourceText, errors: readonly YAMLError[]): Issue[] {
  const issues = errors.map((error) => {
    const [offset] = error.pos;
    const text = explainSyntaxError(error.message, source.text[offset - 1] ?? "");
    return issueAt({ source, offset }, "", text);
  });
  // One slip makes the parser stumble several times; the first stumble of a line says the most.
  const lines = new Set<number | null>();
  return issues.filter(({ line }) => !lines.has(line) && lines.add(line)).slice(0, MOST_SYNTAX_ISSUES);
}

interface Reader {
  readonly source: SourceText;
  /** Trees by anchor, with how many values each holds once its aliases are written out. */
  readonly anchors: Map<string, { readonly tree: Tree; readonly size: number }>;
  /** Anchors whose value is still being read. */
  readonly open: Set<string>;
  /** Values read so far, aliases written out. */
  values: number;
  /** Those among them that aliases added. */
  aliased: number;
  readonly issues: Issue[];
}

function readNode(reader: Reader, node: unknown, path: string, depth: number): Tree {
  if (depth > DEEPEST) return refuse(reader, node, "", deeperThan(DEEPEST));
  if (isAlias(node)) return readAlias(reader, node, path);
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return nothingAt(reader, node);
  if (!isPlainTag(node.tag)) {
    return refuse(reader, node, path, unsupportedTag(shortTag(node.tag)));
  }
  const { anchor } = node;
  const before = reader.values++;
  if (anchor !== undefined) reader.open.add(anchor);
  const tree = isScalar(node)
    ? readScalar(reader, node, path)
    : isSeq(node)
    ? readList(reader, node, path, depth)
    : readMap(reader, node, path, depth);
  if (anchor !== undefined) {
    reader.open.delete(anchor);
    reader.anchors.set(anchor, { tree, size: reader.values - before });
  }
  return tree;
}

function readAlias(reader: Reader, alias: Alias, path: string): Tree {
  const { source: name } = alias;
  if (reader.open.has(name)) {
    return refuse(reader, alias, path, aliasOfItself(name));
  }
  const anchored = reader.anchors.get(name);
  if (anchored === undefined) {
    return refuse(reader, alias, path, aliasUndefined(name));
  }
  const wasWithin = reader.aliased <= MOST_ALIASED;
  reader.values += anchored.size;
  reader.aliased += anchored.size;
  if (reader.aliased <= MOST_ALIASED) return anchored.tree;
  if (!wasWithin) return nothingAt(reader, alias);
  return refuse(reader, alias, path, tooManyAliased(MOST_ALIASED));
}

function readScalar(reader: Reader, node: Scalar, path: string): ScalarTree {
  const { value, source: written = "" } = node;
  const plain = node.type === "PLAIN" ? written : null;
  if (typeof value === "string" && LONE_SURROGATE.test(value)) {
    return refuse(reader, node, path, loneSurrogate());
  }
  // Older YAML dialects make dates and other things of plain texts; here they stay the text.
  const kept = isPlainValue(value) ? value : written;
  return { kind: "scalar", value: kept, written: plain, source: reader.source, offset: offsetOf(node) };
}

function readList(
  reader: Reader,
  node: { readonly items: readonly unknown[] },
  path: string,
  depth: number,
): Tree {
  const items = node.items.map((item, index) =>
    readNode(reader, item, joinPath(path, String(index)), depth + 1)
  );
  return { kind: "list", items, source: reader.source, offset: offsetOf(node) };
}

function readMap(
  reader: Reader,
  node: { readonly items: readonly Pair[] },
  path: string,
  depth: number,
): Tree {
  const own = new Map<string, MapEntry>();
  const merged: MapTree[] = [];
  for (const { key, value } of node.items) {
    const name = keyText(reader, key, path);
    if (name === null) continue;
    const location = { source: reader.source, offset: offsetOf(key) };
    const child = joinPath(path, name);
    const tree = value === null ? nothingAt(reader, key) : readNode(reader, value, child, depth + 1);
    if (isMergeKey(key)) append(merged, mergedMaps(reader, tree, path));
    else if (own.has(name)) {
      reader.issues.push(issueAt(location, child, keyGivenTwice()));
    } else own.set(name, { key: location, value: tree });
  }
  // Merged keys come first and lowest: of several merged mappings the earlier wins, and own keys win over all.
  const entries = new Map<string, MapEntry>();
  for (const map of merged.reverse()) for (const [name, entry] of map.entries) entries.set(name, entry);
  for (const [name, entry] of own) entries.set(name, entry);
  return { kind: "map", entries, source: reader.source, offset: offsetOf(node) };
}

function mergedMaps(reader: Reader, tree: Tree, path: string): MapTree[] {
  const parts = tree.kind === "list" ? tree.items : [tree];
  const maps = parts.filter((part) => part.kind === "map");
  if (maps.length < parts.length) {
    reader.issues.push(
      issueAt(tree, joinPath(path, "<<"), notMergeable()),
    );
  }
  return maps;
}

/** The text of a key, or null where it cannot be one. */
function keyText(reader: Reader, key: unknown, path: string): string | null {
  if (isAlias(key)) return keyOf(readAlias(reader, key, path), () => refuseKey(reader, key, path));
  if (!isScalar(key)) return refuseKey(reader, key, path);
  if (isMergeKey(key)) return "<<";
  const text = typeof key.value === "string" ? key.value : key.source ?? "";
  if (text !== "" && text !== RESERVED_KEY) return text;
  return refuseKey(reader, key, path);
}

function keyOf(tree: Tree, otherwise: () => null): string | null {
  return tree.kind === "scalar" && typeof tree.value === "string" ? tree.value : otherwise();
}

function refuseKey(reader: Reader, key: unknown, path: string): null {
  refuse(reader, key, path, invalidKey());
  return null;
}

function refuse(
  reader: Reader,
  node: unknown,
  path: string,
  text: string | IssueText,
): ScalarTree {
  const tree = nothingAt(reader, node);
  reader.issues.push(issueAt(tree, path, text));
  return tree;
}

function nothingAt(reader: Reader, node: unknown): ScalarTree {
  return { kind: "scalar", value: null, written: "", source: reader.source, offset: offsetOf(node) };
}

function offsetOf(node: unknown): number {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : null;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
}

function isEmptyNode(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === "");
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false;
  return typeof key.value === "symbol" || (key.value === "<<" && key.type === "PLAIN");
}

function isPlainValue(value: unknown): value is ScalarTree["value"] {
  return value === null || ["boolean", "number", "string"].includes(typeof value);
}

function isPlainTag(tag: string | undefined): boolean {
  return tag === undefined || PLAIN_TAGS.has(tag.replace("tag:yaml.org,2002:", ""));
}

function shortTag(tag: string | undefined): string {
  return (tag ?? "").replace("tag:yaml.org,2002:", "!!");
}
