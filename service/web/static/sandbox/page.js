// The sandbox: a set-up or a record of one's own becomes a request, the request is sent to the real service, the
// answer is shown.

import { asCurl, signing } from "./call.js";
import { pause, policiesOf, post, recordOf, sendFeedback, setUpRequest, timelineOf } from "./calls.js";
import { body as cardBody, cardElement } from "./cards.js";
import { difference } from "./compare.js";
import { byId, el } from "./elements.js";
import { jsonFault } from "./json.js";
import { makeFilter, ownOption, showPurpose } from "./patients.js";
import { picture } from "./picture.js";
import { policiesView } from "./policies.js";
import { makeTabs, openTab } from "./tabs.js";
import { assessment, banner, figures, keyRows, lacking, lackingList, noCards, notShown, refusal } from "./views.js";

const DRAW_AFTER = 250; // ms: a picture takes longer than an answer, so only a set-up that stays gets one
const NOTHING = { cards: [], about: "" };

const setup = byId("setup");
const editor = byId("body");
const asked = {};
let user = newUser();
let underWay = new AbortController();
let shown = NOTHING;
let own = null; // the tester's own Bundle, as text, and what it is called
let compare = null; // asks for what the last record shows of policies, once someone wants to see it
let untouched = true; // whether the body is the one of the set-up

function newUser() {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return `Practitioner/tester-${number.toString(36)}`;
}

const plain = () => document.querySelector("[name=view]:checked").value === "plain";
const hook = () => setup.querySelector("[name=hook]:checked");
const bringsOrders = () => hook().hasAttribute("data-orders");
const chosenPatient = () => setup.elements.patient.selectedOptions[0];

// ------------------------------------------------------------------ the set-up

/** The chosen ids; an order only where the hook brings one, and facts only where they are changed. */
function query() {
  const chosen = new URLSearchParams();
  for (const [name, value] of new FormData(setup)) if (value) chosen.set(name, value);
  return chosen;
}

function showSetup() {
  setup.elements.order.disabled = !bringsOrders();
  const { gender } = chosenPatient().dataset;
  for (const fact of setup.querySelectorAll("[data-fact][data-gender]")) {
    fact.disabled = fact.dataset.gender !== gender;
    if (fact.disabled) fact.value = "";
  }
  showPurpose(chosenPatient(), byId("purpose"));
}

/** Say in the address what is chosen, so that Back leads to it; never what an edited or own body holds. */
function showLink(visit = true) {
  const linked = untouched && !own;
  const address = `${location.pathname}${linked ? `#${query()}` : ""}`;
  byId("link").value = linked ? location.origin + address : "";
  byId("copy").disabled = !linked;
  byId("link-hint").textContent = linked ? "" : "Own or edited data have no link: they may be about a patient.";
  const moves = visit && location.hash && address !== location.pathname + location.hash;
  history[moves ? "pushState" : "replaceState"](null, "", address);
}

/** Take over a link's choices, as far as they are on offer; facts that it does not name are as recorded. */
function readLink() {
  own = null;
  ownOption(setup.elements.patient, "");
  for (const fact of setup.querySelectorAll("[data-fact]")) fact.value = "";
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = setup.elements[name];
    const offered = field instanceof RadioNodeList ? [...field].map((one) => one.value) : [...(field?.options ?? [])].map((one) => one.value);
    if (offered.includes(value)) field.value = value;
  }
}

function changed({ target }) {
  if (target.name === undefined || !target.name) return undefined;
  if (target.name === "patient" && target.value !== "own") {
    own = null;
    ownOption(setup.elements.patient, "");
  }
  return sendSetup();
}

async function sendSetup(visit = true) {
  untouched = true;
  showSetup();
  showLink(visit);
  if (byId("seen").getBoundingClientRect().top < 0) byId("seen").scrollIntoView();
  const { signal } = restart();
  const made = await setUpRequest(query(), own?.text, signal);
  if (!made.ok) {
    refused(made);
    return;
  }
  made.json.context.userId = user;
  editor.value = JSON.stringify(made.json, null, 2);
  byId("edited").textContent = own ? `Made of ${own.name}.` : "";
  await send(signal);
}

/** From now on the set-up is about a Bundle of the tester's own. */
async function sendOwn(text, name) {
  own = { text, name };
  ownOption(setup.elements.patient, name);
  for (const fact of setup.querySelectorAll("[data-fact]")) fact.value = "";
  await sendSetup();
}

// ------------------------------------------------------------------ a call

function restart() {
  underWay.abort();
  underWay = new AbortController();
  return underWay;
}

async function sendBody() {
  const fault = jsonFault(editor.value);
  if (fault) {
    restart();
    clear(`Not sent: ${showFault(fault, "")}`);
    return;
  }
  const request = JSON.parse(editor.value);
  if (request?.resourceType === "Bundle") await sendOwn(editor.value, "a pasted Bundle");
  else await send(restart().signal);
}

/** Tell where the body breaks off, and go there; nothing is told of a body that is JSON. */
function showFault(fault, name) {
  const said = fault ? `${name ? `${name}: ` : ""}Line ${fault.line}, column ${fault.column}: ${fault.message}` : "";
  editor.setAttribute("aria-invalid", fault ? "true" : "false");
  byId("body-error").textContent = said;
  if (!fault) return said;
  openTab(byId("tab-request"));
  editor.focus();
  editor.setSelectionRange(fault.at, Math.min(fault.at + 1, editor.value.length));
  return said;
}

async function send(signal) {
  showFault(null, "");
  byId("command").hidden = true;
  const text = editor.value;
  const request = JSON.parse(text);
  byId("seen").setAttribute("aria-busy", "true");
  const answer = await post(`/cds-services/${serviceFor(request)}`, text, signal);
  byId("seen").removeAttribute("aria-busy");
  showAnswer(request, answer);
  showCall(request, answer, text, null);
  const ofRecord = async () => {
    const record = answer.id ? await recordOf(answer.id, signal) : null;
    if (record) showRecord(request, answer, text, record);
  };
  compare = answer.ok ? () => showPolicies(text, signal) : null;
  await Promise.all([ofRecord(), showTimeline(text, answer, signal), byId("policies").hidden ? null : comparing()]);
}

/** The service of the request's own hook; of the chosen one where no service has that hook. */
function serviceFor(request) {
  const offered = [...setup.querySelectorAll("[name=hook]")].find((one) => one.value === request?.hook);
  return (offered ?? hook()).dataset.service;
}

// ------------------------------------------------------------------ what is seen

/** Take away what an earlier answer showed, and say why nothing stands there. */
function clear(said) {
  shown = NOTHING;
  for (const place of ["banner", "before", "refusal", "cards", "figures", "lacks", "keys", "response", "picture", "evidence", "policies-picture", "side-by-side"]) byId(place).replaceChildren();
  for (const place of ["before", "another", "drawn", "drawn-policies", "lack-count"]) byId(place).hidden = true;
  for (const place of ["no-history", "no-policies"]) byId(place).hidden = false;
  compare = null;
  byId("seen").removeAttribute("aria-busy");
  byId("status").textContent = said;
}

function refused(answer) {
  clear(`Refused with ${answer.status}.`);
  byId("refusal").replaceChildren(refusal(answer));
  byId("response").textContent = formatted(answer);
}

const formatted = ({ json, text }) => (json === undefined ? text : JSON.stringify(json, null, 2));

function showAnswer(request, answer) {
  const before = shown;
  clear("");
  shown = { cards: answer.json?.cards ?? [], about: about(request), service: serviceFor(request), answer };
  const name = untouched ? chosenPatient().textContent : "Edited or captured request";
  byId("banner").replaceChildren(...banner(request?.prefetch?.patient, new Date(), name));
  byId("refusal").replaceChildren(...(answer.ok ? [] : [refusal(answer)]));
  byId("response").textContent = formatted(answer);
  byId("another").hidden = !answer.ok;
  byId("user").textContent = user;
  showCards(answer.ok && !shown.cards.length ? [noCards(answer, null)] : []);
  showBefore(before);
  byId("status").textContent = said(answer);
}

function showCards(instead = []) {
  const acts = { plain: plain(), report: (item) => sendFeedback(shown.service, item), again: run(sendBody), sign: run(sign) };
  byId("cards").replaceChildren(...shown.cards.map((card, at) => cardElement(card, at + 1, acts)), ...instead);
}

function said(answer) {
  const time = `in ${answer.ms.toFixed(0)} ms`;
  if (!answer.ok) return `Refused with ${answer.status}, ${time}.`;
  const number = shown.cards.length;
  return `${number === 0 ? "No card" : number === 1 ? "1 card" : `${number} cards`}, answered ${time}.`;
}

/** Whom a request is about, and which orders: of two answers about the same the cards are compared. */
const about = ({ hook: name, context }) => JSON.stringify([name, context?.patientId, context?.draftOrders]);

/** What the cards said before a fact of the same patient was changed, and what became different. */
function showBefore(before) {
  const changes = before.about === shown.about && shown.answer.ok ? difference(before.cards, shown.cards) : [];
  byId("before").hidden = !changes.length;
  byId("before").replaceChildren(...changes);
}

function showCall(request, answer, text, record) {
  const prefetch = request?.prefetch ?? {};
  const lacks = lacking(prefetch, asked);
  byId("figures").replaceChildren(...figures(answer, new TextEncoder().encode(text).length, record));
  byId("lacks").replaceChildren(...lackingList(lacks));
  byId("lack-count").textContent = `${lacks.length} lacking`;
  byId("lack-count").hidden = !lacks.length;
  byId("keys").replaceChildren(...keyRows(prefetch, asked, record));
}

function showRecord(request, answer, text, record) {
  showCall(request, answer, text, record);
  const extra = record.notShown.length ? [notShown(record.notShown)] : [];
  if (answer.ok && !shown.cards.length) byId("cards").replaceChildren(...(extra.length ? extra : [noCards(answer, record)]));
  else byId("cards").append(...extra);
  if (extra.length) byId("status").textContent += ` Not shown again: ${record.notShown.join(", ")}.`;
}

/** The picture, and beneath it all that was assessed. */
async function showTimeline(text, answer, signal) {
  if (!answer.ok) return;
  byId("no-history").hidden = true;
  byId("drawn").hidden = false;
  byId("picture").replaceChildren("Being drawn …");
  await pause(DRAW_AFTER);
  signal.throwIfAborted();
  const width = byId("tabs").clientWidth; // that of the panel, which may be hidden
  const [svg, found] = await Promise.all([timelineOf(text, width, signal), post("/assessments", text, signal)]);
  const drawn = svg ? picture(svg) : null;
  byId("drawn").hidden = !drawn;
  byId("no-history").hidden = Boolean(drawn);
  byId("picture").replaceChildren(drawn ?? "");
  byId("evidence").replaceChildren(found.ok ? assessment(found.json) : "");
}

/** What was asked for while the policies were not to be seen, asked once. */
async function comparing() {
  const ask = compare;
  compare = null;
  await ask?.();
}

/** All policies side by side, with the picture of the courses that count for each. */
async function showPolicies(text, signal) {
  const found = await policiesOf(text, byId("tabs").clientWidth, signal);
  const drawn = found ? picture(found.picture) : null;
  byId("no-policies").hidden = Boolean(found);
  byId("drawn-policies").hidden = !drawn;
  byId("policies-picture").replaceChildren(drawn ?? "");
  byId("side-by-side").replaceChildren(...(found ? policiesView(found) : []));
}

function changeView() {
  for (const [at, card] of shown.cards.entries()) {
    const article = byId(`card-${at + 1}`)?.closest("article");
    article?.querySelector(".detail").replaceChildren(...cardBody(card, plain()));
  }
}

/** Sign what a suggestion drafted: the same patient, the hook order-sign. */
async function sign(resource) {
  editor.value = JSON.stringify(signing(JSON.parse(editor.value), resource), null, 2);
  edited("The referral that was drafted is being signed.");
  await sendBody();
}

// ------------------------------------------------------------------ the editor

function edited(why = "Edited: not the request of the set-up any more.") {
  untouched = false;
  showFault(null, "");
  byId("edited").textContent = why;
  showLink();
}

async function openFile(file) {
  if (!file) return;
  const text = await file.text();
  const fault = jsonFault(text);
  if (!fault && JSON.parse(text)?.resourceType === "Bundle") {
    await sendOwn(text, file.name);
    return;
  }
  editor.value = text;
  edited(`From ${file.name}.`);
  if (fault) {
    restart();
    clear(`Not sent: ${showFault(fault, file.name)}`);
  } else await sendBody();
}

async function copyCurl() {
  const command = asCurl(`${location.origin}/cds-services/${serviceFor(parsed(editor.value))}`, editor.value);
  const copied = await copy(command);
  byId("command").textContent = command;
  byId("command").hidden = copied;
  byId("edited").textContent = copied ? "Copied: paste it into a terminal." : "Here it is to copy:";
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const copy = async (text) => Boolean(await navigator.clipboard?.writeText(text).then(() => true, () => false));

// ------------------------------------------------------------------ wiring

/** `act` as a listener: a call that a later one has replaced is no fault, any other is told. */
function run(act) {
  return (...given) => Promise.resolve(act(...given)).catch((error) => {
    if (error.name === "AbortError") return;
    clear("");
    byId("refusal").replaceChildren(el("p", { class: "notice", "data-level": "critical" }, `The service could not be asked: ${error.message}`));
  });
}

async function copyLink() {
  byId("link").select();
  byId("link-hint").textContent = (await copy(byId("link").value)) ? "Copied." : "Selected: copy it with the keyboard.";
}

async function readDiscovery() {
  const response = await fetch("/cds-services");
  if (!response.ok) return;
  for (const service of (await response.json()).services) Object.assign(asked, service.prefetch);
}

const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function overPage(event) {
  if (!carriesFile(event)) return;
  event.preventDefault();
  byId("drop").hidden = false;
}

function dropped(event) {
  byId("drop").hidden = true;
  const [file] = event.dataTransfer?.files ?? [];
  if (!file) return undefined;
  event.preventDefault();
  return openFile(file);
}

setup.addEventListener("change", run(changed));
setup.addEventListener("submit", run((event) => { event.preventDefault(); return sendBody(); }));
setup.addEventListener("reset", () => setTimeout(run(() => { own = null; ownOption(setup.elements.patient, ""); byId("filter").dispatchEvent(new Event("input")); return sendSetup(); })));
byId("views").addEventListener("change", changeView);
byId("copy").addEventListener("click", run(copyLink));
byId("send").addEventListener("click", run(sendBody));
byId("restore").addEventListener("click", run(() => sendSetup()));
byId("curl").addEventListener("click", run(copyCurl));
byId("new-user").addEventListener("click", run(() => { user = newUser(); return sendSetup(); }));
byId("file").addEventListener("change", run((event) => { const [file] = event.target.files; event.target.value = ""; return openFile(file); }));
editor.addEventListener("input", () => edited());
window.addEventListener("dragover", overPage);
window.addEventListener("dragleave", (event) => { if (!event.relatedTarget) byId("drop").hidden = true; });
window.addEventListener("drop", run(dropped));
window.addEventListener("hashchange", run(() => { readLink(); return sendSetup(false); }));

byId("tab-policies").addEventListener("opened", run(comparing));
makeTabs(byId("tabs"));
makeFilter(setup.elements.patient, byId("filter"), byId("filter-said"));
readLink();
run(async () => { await readDiscovery(); await sendSetup(false); })();
