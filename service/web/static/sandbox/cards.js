// Cards as an EHR shows them, and what a clinician can do with each: accept, follow a link, override, ignore.

import { el, link } from "./elements.js";
import { rendered } from "./markdown.js";

const LEVELS = { info: "Info", warning: "Warning", critical: "Critical" };

/** A card; `report` sends feedback about it and resolves to the answer, `again` sends the call once more, `sign`
    signs what was drafted. */
export function cardElement(card, number, { plain, report, again, sign }) {
  const title = el("h3", { id: `card-${number}`, tabindex: "-1" }, card.summary);
  const acts = el("div", { class: "acts" });
  const made = el(
    "article",
    { class: "card hint-card", "data-level": card.indicator, "data-state": "open", "aria-labelledby": title.id },
    el("header", {}, el("span", { class: "badge" }, LEVELS[card.indicator] ?? card.indicator), title),
    el("div", { class: "detail" }, body(card, plain)),
    source(card.source),
    acts,
  );
  const become = (state, ...said) => {
    made.dataset.state = state;
    const done = el("div", { class: "done", tabindex: "-1" }, ...said);
    acts.replaceChildren(done);
    done.focus();
  };
  const offer = () => acts.replaceChildren(...offers(card, number, { become, report, again, sign, offer, made }));
  offer();
  return made;
}

export function body(card, plain) {
  if (!card.detail) return [];
  return plain ? [el("pre", { class: "plain" }, card.detail)] : rendered(card.detail);
}

function source({ label, url, topic }) {
  const about = topic ? ` (${topic.display ?? topic.code})` : "";
  return el("p", { class: "source" }, "Source: ", url ? link(url, label) : label, about);
}

function offers(card, number, act) {
  const links = (card.links ?? []).map((one) => el("li", {}, linkOf(one)));
  return [
    links.length ? el("ul", { class: "links" }, links) : null,
    ...(card.suggestions ?? []).map((one) => suggestion(card, one, act)),
    override(card, number, act),
  ].filter(Boolean);
}

/** A SMART app is launched by an EHR that signs its user in, which this page is not. */
const linkOf = ({ type, url, label }) =>
  type === "smart" ? `${label} (a SMART app: an EHR launches it)` : link(url, label);

function suggestion(card, suggested, { become, report, again, sign }) {
  const accept = async () => {
    const answer = await report({ card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggested.uuid }] });
    become(
      "accepted",
      el("p", {}, el("strong", {}, `Accepted: ${suggested.label}. `), sent(answer)),
      ...(suggested.actions ?? []).flatMap((action) => created(action, sign)),
      sendAgain(again),
    );
  };
  const [action] = suggested.actions ?? [];
  const hint = action?.description ? el("p", { class: "hint" }, action.description) : null;
  const mark = suggested.isRecommended ? el("span", { class: "badge", "data-level": "good" }, "Recommended") : null;
  return el("div", { class: "suggestion" }, el("button", { type: "button", class: "main", click: accept }, suggested.label), mark, hint);
}

/** What an action brings into the chart, as the EHR gets it. */
function created({ type, description, resource }, sign) {
  const kind = resource?.resourceType ?? "resource";
  const text = resource?.code?.text ?? "";
  const shown = el(
    "details",
    {},
    el("summary", {}, text ? `${kind}: ${text}` : `${type} ${kind}`),
    el("p", { class: "hint" }, description ?? ""),
    el("pre", { tabindex: "0", role: "region", "aria-label": `${kind} as the EHR gets it` }, JSON.stringify(resource, null, 2)),
  );
  const signs = kind === "ServiceRequest" ? el("p", {}, el("button", { type: "button", click: () => sign(resource) }, "Sign this referral")) : null;
  return [shown, signs];
}

function override(card, number, { become, report, again, offer, made }) {
  const reasons = card.overrideReasons ?? [];
  const select = el(
    "select",
    { id: `reason-${number}` },
    el("option", { value: "" }, "No reason given"),
    reasons.map((reason, at) => el("option", { value: at }, reason.display ?? reason.code)),
  );
  const overrideNow = async () => {
    const reason = select.value === "" ? undefined : reasons[Number(select.value)];
    const answer = await report({
      card: card.uuid,
      outcome: "overridden",
      ...(reason ? { overrideReason: { reason: { code: reason.code, system: reason.system } } } : {}),
    });
    const why = reason ? `: ${reason.display ?? reason.code}` : " without a reason";
    become("overridden", el("p", {}, el("strong", {}, `Overridden${why}. `), sent(answer)), sendAgain(again));
  };
  const back = () => {
    made.dataset.state = "open";
    offer();
    made.querySelector("h3").focus();
  };
  const ignore = () =>
    become(
      "ignored",
      el("p", {}, el("strong", {}, "Ignored. "), "Nothing is sent for a card that is ignored; it will come back."),
      el("button", { type: "button", click: back }, "Show it"),
    );
  return el(
    "div",
    { class: "override" },
    el("div", { class: "field" }, el("label", { for: select.id }, "Reason to override"), select),
    el("button", { type: "button", click: overrideNow }, "Override"),
    el("button", { type: "button", click: ignore }, "Ignore"),
  );
}

const sent = ({ ok, status }) =>
  ok ? `Feedback was sent and kept (${status}).` : `Feedback was sent and refused (${status}).`;

const sendAgain = (again) =>
  el("p", {}, el("button", { type: "button", click: again }, "Send the same call again"));
