// What stands around the cards: the patient, refusals, the keys of a call, its figures, an assessment.

import { el } from "./elements.js";

const RECORD_WORDS = {
  sent: "used as sent", empty: "sent, no entries", error: "an error in its place", "first-page": "a part: more pages exist",
  "not-sent": "not sent, not fetched", fetched: "fetched from the FHIR server", "fetched-partly": "fetched in part",
};

const asList = (value) => (Array.isArray(value) ? value : []);

export function banner(patient, today, shows) {
  if (!patient || typeof patient !== "object") return [];
  const name = patient.name?.[0];
  const called = name?.text ?? [name?.family, asList(name?.given).join(" ")].filter(Boolean).join(", ");
  const facts = [patient.gender, age(patient.birthDate, today), patient.birthDate ? `born ${patient.birthDate}` : "", shows];
  return [el("strong", {}, called || `Patient ${patient.id ?? ""}`), ...facts.filter(Boolean).map((one) => el("span", {}, one))];
}

function age(birthDate, today) {
  if (typeof birthDate !== "string" || !/^\d{4}-\d\d-\d\d/.test(birthDate)) return "";
  const years = today.getFullYear() - Number(birthDate.slice(0, 4));
  const had = `${today.getMonth() + 1}`.padStart(2, "0") + `${today.getDate()}`.padStart(2, "0") >= birthDate.slice(5, 7) + birthDate.slice(8, 10);
  return `${had ? years : years - 1} years`;
}

export function refusal({ status, json, text }) {
  const issues = asList(json?.issue);
  const said = issues.map((issue) => {
    const where = (issue.expression ?? []).join(", ");
    const words = [issue.details?.text, issue.diagnostics].filter(Boolean).join("; ");
    return el("li", {}, where ? el("code", {}, where) : null, where ? ": " : "", words || issue.code);
  });
  return el(
    "div",
    { class: "notice", "data-level": "critical" },
    el("p", {}, el("strong", {}, `Refused with ${status}.`), issues.length ? "" : ` ${text}`),
    said.length ? el("ul", {}, said) : null,
  );
}

/** Why there is no card: what the service says to testers, or else what its record says. */
export function noCards({ nothing }, record) {
  const verdict = record?.verdict ?? {};
  const why = verdict.conclusion
    ? `The record was assessed: conclusion “${verdict.conclusion}”${verdict.gate ? `, ${verdict.gate}` : ""}, ${verdict.counts.counted} counted and ${verdict.counts.possible} possible trials. That calls for no card.`
    : "Nothing in this call is the business of this service, so nothing was assessed.";
  const said = nothing ? `${nothing}.` : record ? why : "The clinician is not interrupted.";
  return el("div", { class: "nothing" }, el("p", {}, el("strong", {}, "No card. "), said));
}

export function notShown(topics) {
  return el(
    "div",
    { class: "notice shown-not" },
    el("p", {}, el("strong", {}, `Not shown again: ${topics.join(", ")}. `),
      "The same user overrode this card within the last days, and nothing that it rests on has changed since."),
  );
}

/** A row for each key that the services ask for, then those that only this request has. */
export function keyRows(prefetch, asked, record) {
  const keys = [...new Set([...Object.keys(asked), ...Object.keys(prefetch)])];
  return keys.map((key) => {
    const said = record?.completeness?.[key];
    return el("tr", {}, el("th", { scope: "row" }, key, el("small", {}, asked[key] ?? "not asked for")),
      el("td", {}, sentWords(prefetch, key)), el("td", {}, said ? RECORD_WORDS[said] ?? said : "–"));
  });
}

/** The keys whose data this request lacks, each with how; a part counts as lacking. */
export function lacking(prefetch, asked) {
  return Object.keys(asked).map((key) => [key, lack(prefetch, key)]).filter(([, how]) => how);
}

function lack(prefetch, key) {
  if (!Object.hasOwn(prefetch, key)) return "not sent";
  const value = prefetch[key];
  if (value === null || typeof value !== "object") return "null in its place: nothing was found, says the client";
  if (value.resourceType === "OperationOutcome") return "an error in its place";
  return asList(value.link).some((one) => one?.relation === "next") ? "the first page only" : "";
}

export function lackingList(lacks) {
  if (!lacks.length) return [el("p", {}, el("strong", {}, "This request lacks nothing. "), "Each key that the service asks for came whole.")];
  return [
    el("p", {}, el("strong", {}, "What this request lacks")),
    el("ul", {}, lacks.map(([key, how]) => el("li", {}, el("code", {}, key), `: ${how}`))),
  ];
}

function sentWords(prefetch, key) {
  if (!Object.hasOwn(prefetch, key)) return el("span", { class: "badge", "data-level": "warning" }, "missing");
  const value = prefetch[key];
  if (typeof value !== "object") return "no resource";
  if (value === null) return el("span", { class: "badge", "data-level": "warning" }, "null");
  if (value.resourceType === "OperationOutcome") return el("span", { class: "badge", "data-level": "critical" }, "error in its place");
  if (value.resourceType !== "Bundle") return `1 ${value.resourceType ?? "object"}`;
  const more = asList(value.link).some((one) => one.relation === "next") ? ", first page" : "";
  const number = asList(value.entry).length;
  return `${number === 0 ? "none" : number === 1 ? "1 resource" : `${number} resources`}${more}`;
}

export function figures({ status, ms, bytes, id }, sentBytes, record) {
  const own = record?.timingsMs?.total;
  const rows = {
    Status: status,
    "Seen from the browser": `${ms.toFixed(0)} ms`,
    "In the service": own === undefined ? "–" : `${own.toFixed(1)} ms`,
    Sent: size(sentBytes),
    Received: size(bytes),
    "X-Request-Id": id || "–",
  };
  return Object.entries(rows).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, `${value}`)));
}

const size = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`);

export function assessment(found) {
  const { counts } = found;
  return el(
    "article",
    { class: "assessment", "aria-labelledby": "assessment-title" },
    el("h3", { id: "assessment-title" }, `Assessment: ${found.conclusion}`),
    el("p", {}, `${counts.counted} counted, ${counts.possible} possible trials in this episode; assessed for ${found.assessedOn}.`),
    found.gate ? el("p", {}, found.gate.text) : null,
    trials(found),
    list("Flags", found.flags.map((flag) => `${flag.title}: ${flag.text}`)),
    list("Suicide risk", found.safety.map((one) => one.text)),
    list("Not assessed", found.missing.map((gap) => gap.text)),
  );
}

const trials = (found) =>
  table("Trials and their evidence", ["Drug", "From", "To", "Dose", "Minimum", "Days", "Verdict"], found.trials.map(trial));

const trial = (one) => ({
  cells: [
    one.ingredient, one.start ?? "unknown", one.running ? "continues" : one.end ?? "unknown", dose(one.dailyDose), dose(one.minimumDose),
    one.qualifyingDays ?? "unknown", `${one.status}${one.reason ? ` (${one.reason})` : ""}`,
  ],
  evidence: one.evidence.join(", "),
});

const dose = (amount) => (amount ? `${amount.value} ${amount.unit}` : "unknown");

function table(title, heads, rows) {
  if (!rows.length) return null;
  return el(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": title },
    el("table", { class: "trials" }, el("caption", {}, title), el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      rows.map(({ cells, evidence }) => el("tbody", {}, el("tr", {}, cells.map((cell) => el("td", {}, `${cell}`))),
        el("tr", { class: "rests-on" }, el("td", { colspan: heads.length }, `Rests on ${evidence || "no single entry"}`))))),
  );
}

const list = (title, texts) => (texts.length ? el("div", {}, el("h4", {}, title), el("ul", {}, texts.map((text) => el("li", {}, text)))) : null);
