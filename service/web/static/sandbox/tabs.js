// Tabs as the ARIA practices have them: arrow keys, Home and End go along, the chosen tab shows its panel at once.

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** Make the buttons of `list` choose between the panels that they name. */
export function makeTabs(list) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  for (const tab of tabs) tab.addEventListener("click", () => openTab(tab));
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const next = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : at + (STEPS[event.key] ?? NaN);
    if (at < 0 || Number.isNaN(next)) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    openTab(tab);
    tab.focus();
  });
}

/** Show the panel of a tab, and no other of its list. */
export function openTab(tab) {
  for (const one of tab.closest("[role=tablist]").querySelectorAll("[role=tab]")) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", `${chosen}`);
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  tab.dispatchEvent(new Event("opened"));
}
