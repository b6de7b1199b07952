// Where a text breaks off being JSON. Browsers say it each in their own words, and often not at all.

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SIMPLE = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?=[\s,:\]}]|$)/y;

/** Line and column from 1, the place in the text, and what was expected there; null for a text that is JSON. */
export function jsonFault(text) {
  try {
    JSON.parse(text);
    return null;
  } catch {
    const { at, expected } = firstFault(text);
    const before = text.slice(0, at).split("\n");
    return { at, line: before.length, column: before.at(-1).length + 1, message: `expected ${expected}` };
  }
}

/** Reads along the text; `closers` are those of the objects and arrays around the place, the innermost last. */
function firstFault(text) {
  const reader = { text, at: 0, closers: [] };
  take(reader, SPACE);
  let step = value;
  while (typeof step === "function") step = step(reader);
  return { at: reader.at, expected: step };
}

// Each step reads one thing and returns the step after it, or in words what was expected instead.

function value(reader) {
  if (next(reader, "{")) return opened(reader, "}", name);
  if (next(reader, "[")) return opened(reader, "]", value);
  const isString = reader.text[reader.at] === '"';
  if (!take(reader, isString ? STRING : SIMPLE)) return isString ? "a string that is closed, on one line" : "a value";
  take(reader, SPACE);
  return after;
}

function opened(reader, closer, first) {
  reader.closers.push(closer);
  return reader.text[reader.at] === closer ? after : first;
}

function name(reader) {
  if (!take(reader, STRING)) return "the name of a member in double quotes";
  take(reader, SPACE);
  return next(reader, ":") ? value : "a colon";
}

function after(reader) {
  const closer = reader.closers.at(-1);
  if (!closer) return "nothing more";
  if (next(reader, closer)) {
    reader.closers.pop();
    return after;
  }
  return next(reader, ",") ? (closer === "}" ? name : value) : `a comma or ${closer}`;
}

function take(reader, pattern) {
  pattern.lastIndex = reader.at;
  const found = pattern.test(reader.text);
  if (found) reader.at = pattern.lastIndex;
  return found;
}

function next(reader, character) {
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  take(reader, SPACE);
  return true;
}
