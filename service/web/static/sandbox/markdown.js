// CommonMark as cards use it, made into elements: headings, paragraphs, lists, quotes, code, rules; emphasis,
// code spans, links, escapes, entities. Raw HTML stays text, images become their text.

import { el, isWebAddress } from "./elements.js";

const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+|$)/;

/** The elements that `text` makes. */
export const rendered = (text) => blocks(text.replace(/\r\n?/g, "\n").split("\n"));

function blocks(lines) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) at += 1;
    else {
      const [element, next] = block(lines, at);
      made.push(element);
      at = next;
    }
  }
  return made;
}

function block(lines, at) {
  const line = lines[at];
  if (RULE.test(line)) return [el("hr"), at + 1];
  const heading = line.match(HEADING);
  if (heading) return [el(`h${Math.min(6, heading[1].length + 3)}`, {}, inline(heading[2] ?? "")), at + 1];
  if (FENCE.test(line)) return fenced(lines, at);
  if (QUOTE.test(line)) return quote(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  return paragraph(lines, at);
}

function fenced(lines, at) {
  const mark = lines[at].match(FENCE)[1];
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(mark)) end += 1;
  return [el("pre", {}, el("code", {}, lines.slice(at + 1, end).join("\n"))), end + 1];
}

function quote(lines, at) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  return [el("blockquote", {}, blocks(lines.slice(at, end).map((line) => line.replace(QUOTE, "")))), end];
}

const startsBlock = (line) =>
  !line.trim() || RULE.test(line) || HEADING.test(line) || FENCE.test(line) || QUOTE.test(line) || ITEM.test(line);

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && !startsBlock(lines[end])) end += 1;
  return [el("p", {}, inline(lines.slice(at, end).map((line) => line.trimStart()).join("\n").trimEnd())), end];
}

function list(lines, at) {
  const kind = lines[at].match(ITEM)[2].slice(-1);
  const ordered = kind === "." || kind === ")";
  const items = [];
  let loose = false;
  let next = at;
  for (;;) {
    const found = lines[next]?.match(ITEM);
    if (!found || found[2].slice(-1) !== kind || RULE.test(lines[next])) break;
    const [item, end, apart] = itemLines(lines, next, found[0].length);
    items.push(item);
    loose ||= apart && lines[end]?.match(ITEM) !== null;
    next = end;
  }
  const start = ordered ? Number.parseInt(lines[at].trim(), 10) : 1;
  const made = items.map((item) => el("li", {}, loose ? blocks(item) : tight(blocks(item))));
  return [el(ordered ? "ol" : "ul", start === 1 ? {} : { start }, made), next];
}

/** The lines of one item without their indent, where the next block starts, and whether blank lines lie between. */
function itemLines(lines, at, indent) {
  const item = [lines[at].slice(indent)];
  let end = at + 1;
  while (end < lines.length) {
    const line = lines[end];
    const inside = line.search(/\S/) >= Math.min(indent, 2);
    if (!line.trim() && lines[end + 1]?.search(/\S/) < Math.min(indent, 2)) break;
    if (line.trim() && !inside && startsBlock(line)) break;
    item.push(inside ? line.slice(Math.min(indent, line.search(/\S/))) : line);
    end += 1;
  }
  const apart = end < lines.length && !lines[end].trim();
  while (end < lines.length && !lines[end].trim()) end += 1;
  return [item, end, apart];
}

const tight = (elements) =>
  elements.flatMap((one) => (one.tagName === "P" ? [...one.childNodes] : [one]));

const ESCAPABLE = /^\\([!-/:-@[-`{-~])/;
const CODE = /^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/;
const LINK = /^!?\[((?:\\.|[^\]\\])*)\]\((?:<([^>\n]*)>|([^\s)]*))(?:[ \n]+"[^"]*")?\)/;
const ADDRESS = /^<(https?:\/\/[^\s<>]*)>/i;
const ENTITY = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|nbsp|copy|hellip|ndash|mdash));/;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", copy: "©", hellip: "…", ndash: "–", mdash: "—" };
const STRONG = /^(\*\*|__)(?=\S)((?:\\[\s\S]|(?!\1)[\s\S])*?[^\s\\])\1/;
const EMPHASIS = /^([*_])(?=[^\s*_])((?:\\[\s\S]|(?!\1)[\s\S])*?[^\s\\])\1/;

/** The nodes of a line of text: elements, and strings that stand for text nodes. */
function inline(text) {
  const made = [];
  let plain = "";
  const put = (...nodes) => {
    if (plain) made.push(plain);
    plain = "";
    made.push(...nodes);
  };
  let rest = text;
  while (rest) {
    const [node, length] = piece(rest, plain);
    if (typeof node === "string") plain += node;
    else put(node);
    rest = rest.slice(length);
  }
  put();
  return made;
}

function piece(rest, before) {
  const inWord = /[\p{L}\p{N}]$/u.test(before);
  let found;
  if (/^( {2,}|\\)\n/.test(rest)) return [el("br"), rest.indexOf("\n") + 1];
  if ((found = rest.match(ESCAPABLE))) return [found[1], 2];
  if ((found = rest.match(CODE))) return [el("code", {}, found[2].trim()), found[0].length];
  if ((found = rest.match(LINK))) return [linked(found), found[0].length];
  if ((found = rest.match(ADDRESS))) return [anchor(found[1], [found[1]]), found[0].length];
  if ((found = rest.match(ENTITY))) return [character(found), found[0].length];
  const closes = (mark) => !(mark[0] === "_" && inWord);
  if ((found = rest.match(STRONG)) && closes(found[1])) return [el("strong", {}, inline(found[2])), found[0].length];
  if ((found = rest.match(EMPHASIS)) && closes(found[1])) return [el("em", {}, inline(found[2])), found[0].length];
  const run = rest.match(/^(?:[^\\`!*_[\]<&\n ]+| )/);
  return run ? [run[0], run[0].length] : [rest[0], 1];
}

function linked([whole, text, angled, bare]) {
  if (whole.startsWith("!")) return el("span", {}, inline(text));
  return anchor(angled ?? bare ?? "", inline(text));
}

/** A link to the web; any other address is shown beside its text, and leads nowhere. */
function anchor(address, content) {
  if (!isWebAddress(address)) return el("span", {}, content, ` (${address})`);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, content);
}

function character([, decimal, hex, name]) {
  if (name) return NAMED[name];
  const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : "\ufffd";
}
