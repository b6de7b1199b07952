// The timeline as a part of the page, so that pointing at it shows its evidence. Only shapes and texts come in:
// whatever else a picture might hold is left out, though the page's policy would not run it either.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Set("svg g path rect polyline circle text title desc".split(" "));

/** The element that the SVG document `text` makes; null when it is none. */
export function picture(text) {
  const { documentElement } = new DOMParser().parseFromString(text, "image/svg+xml");
  return documentElement.namespaceURI === SVG ? copied(documentElement) : null;
}

function copied(original) {
  if (original.namespaceURI !== SVG || !SHAPES.has(original.localName)) return "";
  const made = document.createElementNS(SVG, original.localName);
  for (const { name, value } of original.attributes) if (isDrawn(name, value)) made.setAttribute(name, value);
  for (const child of original.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE) made.append(copied(child));
  }
  return made;
}

function isDrawn(name, value) {
  return !/^(on|xmlns|style$|(xlink:)?href$)/.test(name) && !value.includes("url(");
}
