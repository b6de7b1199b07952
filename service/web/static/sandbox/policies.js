// Policies side by side: criteria as rows, the chosen policies as columns, and each cell in words below the table.

import { el } from "./elements.js";

const AT_FIRST = 5; // policies: as many as a screen shows beside each other
const chosen = new Set();

/** The choice, the table and the words of what a record shows of policies; a choice stays for the next record. */
export function policiesView({ grid }) {
  const ids = grid.policies.map(({ id }) => id);
  if (!ids.some((id) => chosen.has(id))) for (const id of ids.slice(0, AT_FIRST)) chosen.add(id);
  const shown = el("div", { id: "compared" });
  const show = () => shown.replaceChildren(...compared(grid));
  const box = (id) => el("input", { type: "checkbox", value: id, checked: chosen.has(id) && "", "data-policy": "" });
  const boxes = ids.map((id) => el("label", {}, box(id), ` ${id}`));
  const choose = (event) => {
    if (event.target.checked) chosen.add(event.target.value);
    else chosen.delete(event.target.value);
    show();
  };
  const all = (yes) => () => {
    for (const one of boxes) {
      const input = one.querySelector("input");
      input.checked = yes;
      if (yes) chosen.add(input.value);
      else chosen.delete(input.value);
    }
    show();
  };
  show();
  return [
    el("p", {}, grid.promise),
    el("fieldset", { class: "chosen", change: choose }, el("legend", {}, "Policies to compare"), el("div", {}, boxes),
      el("button", { type: "button", click: all(true) }, "All"), " ", el("button", { type: "button", click: all(false) }, "None")),
    shown,
  ];
}

/** The table of the chosen policies, then each of them in words. */
function compared(grid) {
  const columns = grid.policies.map((policy, at) => ({ policy, at })).filter(({ policy }) => chosen.has(policy.id));
  const rows = grid.rows.filter((row) => columns.some(({ at }) => row.cells[at].standing));
  if (!columns.length) return [el("p", { class: "hint" }, "No policy is chosen.")];
  return [table(columns, rows), ...columns.flatMap((column) => inWords(column, rows))];
}

function table(columns, rows) {
  const heads = columns.map(({ policy }) => el("th", { scope: "col" }, el("a", { href: `/basis/criteria/${policy.id}` }, policy.id)));
  const body = rows.map((row) => el("tr", {}, el("th", { scope: "row" }, row.title), columns.map(({ at }) => el("td", {}, standing(row.cells[at])))));
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Policies side by side" },
    el("table", { class: "grid" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Criterion"), heads)), el("tbody", {}, body)));
}

/** How far a criterion is shown, as a sign and a word. */
function standing(cell) {
  if (!cell.standing) return el("span", {}, el("span", { "aria-hidden": "true" }, "–"), el("span", { class: "unseen" }, cell.word));
  return el("span", { class: "standing", "data-standing": cell.standing }, el("span", { "aria-hidden": "true" }, cell.sign), ` ${cell.word}`);
}

function inWords({ policy, at }, rows) {
  const said = rows.filter((row) => row.cells[at].standing).map((row) => el("li", {}, standing(row.cells[at]), ` ${told(row, row.cells[at])}`));
  const remarks = policy.remarks.map((remark) => el("strong", {}, ` ${remark}`));
  return [el("h3", {}, `${policy.title} (${policy.id})`), el("p", {}, `${policy.publisher}.`, remarks), el("ul", { class: "told" }, said)];
}

function told(row, cell) {
  const evidence = cell.evidence.length ? ` [${cell.evidence.join(", ")}]` : "";
  return [`${row.title}: ${cell.text}`, cell.found, ...cell.lacking].filter(Boolean).join(". ") + evidence;
}
