// Elements of a page. Every text goes in as text: nothing that comes from a record is ever read as HTML.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (functions become listeners) and children, which are elements or texts. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** What a link may lead to: nothing but the web. */
export const isWebAddress = (text) => /^https?:\/\//i.test(text);

export function link(address, text) {
  if (!isWebAddress(address)) return el("span", {}, text);
  const hint = el("span", { class: "unseen" }, " (opens a new tab)");
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text, hint);
}
