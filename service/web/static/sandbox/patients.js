// Choosing a patient: a filter over all that is said of each, and what the chosen one shows.

import { byId, el } from "./elements.js";

const CARDS = {
  recommend: "a referral to consider", caution: "findings to weigh", "insufficient-data": "what is missing",
  safety: "suicide risk", "not-assessed": "that nothing was assessed",
};

/** Keep only the patients in the list of which something holds every word of the filter; the chosen one stays. */
export function makeFilter(select, filter, said) {
  const groups = [...select.querySelectorAll("optgroup")].map((group) => [group, [...group.children]]);
  const total = groups.reduce((sum, [, options]) => sum + options.length, 0);
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [group, options] of groups) {
      const left = options.filter((option) => {
        const found = words.every((word) => spoken(option).includes(word));
        shown += found ? 1 : 0;
        return found || option.selected;
      });
      group.replaceChildren(...left);
      group.hidden = !left.length;
    }
    said.textContent = words.length ? `${shown} of ${total} patients` : "";
  });
}

const spoken = ({ textContent, dataset }) => [textContent, dataset.purpose, expected(dataset), dataset.expects].join(" ").toLowerCase();

const expected = ({ expects }) => (expects ? expects.split(" ").map((topic) => CARDS[topic] ?? topic).join(", then ") : "no card");

/** What the chosen patient is for, and which card the chart gets as it is recorded. */
export function showPurpose(option, place) {
  const { purpose } = option.dataset;
  place.replaceChildren(...(purpose ? [purpose, " ", el("strong", {}, "When the chart is opened: "), `${sentence(option.dataset)}.`] : ["Your own data, sent whole, with its own dates."]));
}

const sentence = (data) => (data.expects ? `a card on ${expected(data)}` : "no card");

/** The option that stands for the tester's own data; it comes when there are some, and goes with them. */
export function ownOption(select, name) {
  let option = byId("own");
  if (name && !option) {
    option = el("option", { id: "own", value: "own" });
    select.prepend(option);
  }
  if (name) {
    option.textContent = `Own data: ${name}`;
    select.value = "own";
  } else option?.remove();
}
