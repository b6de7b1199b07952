// What became different on the cards: line by line, in the words that a clinician reads.

import { el } from "./elements.js";
import { rendered } from "./markdown.js";

/** The change as elements; none where the cards say the same. */
export function difference(before, now) {
  const changes = between(before.flatMap(lines), now.flatMap(lines)).filter(([, sign]) => sign);
  if (!changes.length) return [];
  const was = before.map((card) => card.summary).join("; ") || "no card";
  const told = changes.map(([text, sign]) =>
    el("li", {}, el("span", { class: "badge", "data-level": sign === "gone" ? "critical" : "good" }, sign === "gone" ? "Gone" : "New"), " ",
      el(sign === "gone" ? "del" : "ins", {}, text)));
  return [
    el("p", {}, "Before: ", was),
    el("details", {}, el("summary", {}, `What changed on the cards: ${told.length} ${told.length === 1 ? "line" : "lines"}`), el("ul", {}, told)),
  ];
}

/** A card as lines of text: the first line, and each paragraph and item of the detail. */
function lines(card) {
  const parts = rendered(card.detail ?? "").flatMap((block) => [...(block.matches?.("ul, ol") ? block.children : [block])]);
  return [card.summary, ...parts.map((part) => part.textContent.trim())].filter(Boolean);
}

/** Each line with "gone", "new" or nothing: the longest sequence that both have stays. */
function between(old, fresh) {
  const length = Array.from({ length: old.length + 1 }, () => new Array(fresh.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      length[i][j] = old[i] === fresh[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const told = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (old[i] === fresh[j] && i < old.length && j < fresh.length) told.push([old[i], ""]), (i += 1), (j += 1);
    else if (j >= fresh.length || (i < old.length && length[i + 1][j] >= length[i][j + 1])) told.push([old[i], "gone"]), (i += 1);
    else told.push([fresh[j], "new"]), (j += 1);
  }
  return told;
}
