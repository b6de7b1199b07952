// The sandbox: a set-up becomes a request, the request is sent to the real service, the answer is shown.

import { pause, post, recordOf, sendFeedback, setUpRequest, timelineOf } from "./calls.js";
import { body as cardBody, cardElement } from "./cards.js";
import { byId, el } from "./elements.js";
import { jsonFault } from "./json.js";
import { picture } from "./picture.js";
import { assessment, banner, figures, keyRows, noCards, notShown, refusal, trials } from "./views.js";

const DRAW_AFTER = 250; // ms: a picture takes longer than an answer, so only a set-up that stays gets one

const setup = byId("setup");
const editor = byId("body");
const asked = {};
let user = newUser();
let underWay = new AbortController();
let shown = { cards: [], label: "" };
let ownSetup = true; // whether the body is the one of the set-up, untouched

function newUser() {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return `Practitioner/tester-${number.toString(36)}`;
}

const plain = () => document.querySelector("[name=view]:checked").value === "plain";
const hook = () => setup.querySelector("[name=hook]:checked");
const bringsOrders = () => hook().hasAttribute("data-orders");

// ------------------------------------------------------------------ the set-up

/** The chosen ids; an order only where the hook brings one, and facts only where they are changed. */
function query() {
  const chosen = new URLSearchParams();
  for (const [name, value] of new FormData(setup)) if (value) chosen.set(name, value);
  return chosen;
}

function showSetup() {
  setup.elements.order.disabled = !bringsOrders();
  const { gender } = setup.elements.patient.selectedOptions[0].dataset;
  for (const fact of setup.querySelectorAll("[data-fact][data-gender]")) {
    fact.disabled = fact.dataset.gender !== gender;
    if (fact.disabled) fact.value = "";
  }
  showLink();
}

function showLink() {
  const address = ownSetup ? `${location.origin}${location.pathname}#${query()}` : "";
  byId("link").value = address;
  byId("copy").disabled = !ownSetup;
  byId("link-hint").textContent = ownSetup ? "" : "An edited body has no link: it may hold data of a patient.";
  history.replaceState(null, "", ownSetup ? `#${query()}` : location.pathname);
}

/** Take over a link's choices, as far as they are on offer; facts that it does not name are as recorded. */
function readLink() {
  for (const fact of setup.querySelectorAll("[data-fact]")) fact.value = "";
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = setup.elements[name];
    const offered = field instanceof RadioNodeList ? [...field].map((one) => one.value) : [...(field?.options ?? [])].map((one) => one.value);
    if (offered.includes(value)) field.value = value;
  }
}

async function sendSetup() {
  ownSetup = true;
  showSetup();
  if (byId("seen").getBoundingClientRect().top < 0) byId("seen").scrollIntoView();
  const { signal } = restart();
  const request = await setUpRequest(query(), signal);
  request.context.userId = user;
  editor.value = JSON.stringify(request, null, 2);
  byId("edited").textContent = "";
  await send(signal);
}

// ------------------------------------------------------------------ a call

function restart() {
  underWay.abort();
  underWay = new AbortController();
  return underWay;
}

async function sendBody() {
  const fault = jsonFault(editor.value);
  showFault(fault);
  if (!fault) await send(restart().signal);
}

function showFault(fault) {
  editor.setAttribute("aria-invalid", fault ? "true" : "false");
  byId("body-error").textContent = fault ? `Line ${fault.line}, column ${fault.column}: ${fault.message}` : "";
  if (!fault) return;
  editor.focus();
  editor.setSelectionRange(fault.at, Math.min(fault.at + 1, editor.value.length));
}

async function send(signal) {
  showFault(null);
  const text = editor.value;
  const request = JSON.parse(text);
  byId("seen").setAttribute("aria-busy", "true");
  const isBundle = request?.resourceType === "Bundle";
  const answer = await post(isBundle ? "/assessments" : `/cds-services/${serviceFor(request)}`, text, signal);
  byId("seen").removeAttribute("aria-busy");
  showAnswer(request, answer, isBundle);
  showCall(request, answer, text, null);
  const ofRecord = async () => {
    const record = isBundle || !answer.id ? null : await recordOf(answer.id, signal);
    if (record) showRecord(request, answer, text, record);
  };
  await Promise.all([ofRecord(), showTimeline(text, answer, isBundle, signal)]);
}

/** The service of the request's own hook; of the chosen one where no service has that hook. */
function serviceFor(request) {
  const own = [...setup.querySelectorAll("[name=hook]")].find((one) => one.value === request?.hook);
  return (own ?? hook()).dataset.service;
}

function patientOf(request, isBundle) {
  if (!isBundle) return request?.prefetch?.patient;
  return [request.entry ?? []].flat().map((one) => one?.resource).find((one) => one?.resourceType === "Patient");
}

// ------------------------------------------------------------------ what is seen

function showAnswer(request, answer, isBundle) {
  const before = shown;
  shown = { cards: isBundle ? [] : answer.json?.cards ?? [], label: label(), service: isBundle ? "" : serviceFor(request) };
  const shows = ownSetup ? setup.elements.patient.selectedOptions[0].textContent : "Edited or pasted request";
  byId("banner").replaceChildren(...banner(patientOf(request, isBundle), new Date(), shows));
  byId("refusal").replaceChildren(...(answer.ok ? [] : [refusal(answer)]));
  byId("assessment").replaceChildren(...(answer.ok && isBundle ? [assessment(answer.json)] : []));
  byId("response").textContent = answer.json === undefined ? answer.text : JSON.stringify(answer.json, null, 2);
  byId("another").hidden = isBundle;
  byId("user").textContent = user;
  showCards(answer.ok && !isBundle && !shown.cards.length ? [noCards(null)] : []);
  showBefore(before);
  byId("status").textContent = said(answer, isBundle);
}

function showCards(instead = []) {
  const acts = { plain: plain(), report: (item) => sendFeedback(shown.service, item), again: run(sendBody) };
  byId("cards").replaceChildren(...shown.cards.map((card, at) => cardElement(card, at + 1, acts)), ...instead);
}

function said(answer, isBundle) {
  const time = `in ${answer.ms.toFixed(0)} ms`;
  if (!answer.ok) return `Refused with ${answer.status}, ${time}.`;
  if (isBundle) return `One assessment, ${time}.`;
  const number = shown.cards.length;
  return `${number === 0 ? "No card" : number === 1 ? "1 card" : `${number} cards`}, answered ${time}.`;
}

const label = () => setup.elements.patient.value + (bringsOrders() ? setup.elements.order.value : "");

/** What the card said before a fact of the same patient was changed. */
function showBefore(before) {
  const then = before.cards.map((card) => card.summary);
  const now = shown.cards.map((card) => card.summary);
  const changed = ownSetup && before.label === shown.label && then.join("\n") !== now.join("\n");
  byId("before").hidden = !changed;
  byId("before").replaceChildren(el("p", {}, "Before: ", then.join("; ") || "no card"));
}

function showCall(request, answer, text, record) {
  byId("figures").replaceChildren(...figures(answer, new TextEncoder().encode(text).length, record));
  byId("keys").replaceChildren(...keyRows(request?.prefetch ?? {}, asked, record));
}

function showRecord(request, answer, text, record) {
  showCall(request, answer, text, record);
  const extra = record.notShown.length ? [notShown(record.notShown)] : [];
  if (answer.ok && !shown.cards.length) byId("cards").replaceChildren(...(extra.length ? extra : [noCards(record)]));
  else byId("cards").append(...extra);
  if (extra.length) byId("status").textContent += ` Not shown again: ${record.notShown.join(", ")}.`;
}

/** The picture, and beneath it the table of all that it shows, unless an assessment has it already. */
async function showTimeline(text, answer, isBundle, signal) {
  byId("history").hidden = !answer.ok;
  byId("picture").replaceChildren("Being drawn …");
  byId("evidence").replaceChildren();
  if (!answer.ok) return;
  await pause(DRAW_AFTER);
  signal.throwIfAborted();
  const [svg, found] = await Promise.all([timelineOf(text, byId("picture").clientWidth, signal), isBundle ? null : post("/assessments", text, signal)]);
  const drawn = svg ? picture(svg) : null;
  byId("history").hidden = !drawn;
  byId("picture").replaceChildren(drawn ?? "");
  byId("evidence").replaceChildren(drawn && found?.ok ? trials(found.json) ?? "" : "");
}

function changeView() {
  for (const [at, card] of shown.cards.entries()) {
    const article = byId(`card-${at + 1}`)?.closest("article");
    article?.querySelector(".detail").replaceChildren(...cardBody(card, plain()));
  }
}

// ------------------------------------------------------------------ the editor

function edited() {
  ownSetup = false;
  showFault(null);
  byId("edited").textContent = "Edited: not the request of the set-up any more.";
  showLink();
}

async function openFile(file) {
  if (!file) return;
  editor.value = await file.text();
  edited();
  await sendBody();
}

// ------------------------------------------------------------------ wiring

/** `act` as a listener: a call that a later one has replaced is no fault, any other is told. */
function run(act) {
  return (...given) => Promise.resolve(act(...given)).catch((error) => {
    if (error.name === "AbortError") return;
    byId("seen").removeAttribute("aria-busy");
    byId("status").textContent = "";
    byId("refusal").replaceChildren(el("p", { class: "notice", "data-level": "critical" }, `The service could not be asked: ${error.message}`));
  });
}

async function copyLink() {
  byId("link").select();
  const copied = await navigator.clipboard?.writeText(byId("link").value).then(() => true, () => false);
  byId("link-hint").textContent = copied ? "Copied." : "Selected: copy it with the keyboard.";
}

async function readDiscovery() {
  const response = await fetch("/cds-services");
  if (!response.ok) return;
  for (const service of (await response.json()).services) Object.assign(asked, service.prefetch);
}

setup.addEventListener("change", run((event) => (event.target.id === "link" ? undefined : sendSetup())));
setup.addEventListener("submit", run((event) => { event.preventDefault(); return sendBody(); }));
setup.addEventListener("reset", () => setTimeout(run(sendSetup)));
byId("views").addEventListener("change", changeView);
byId("copy").addEventListener("click", run(copyLink));
byId("send").addEventListener("click", run(sendBody));
byId("restore").addEventListener("click", run(sendSetup));
byId("new-user").addEventListener("click", run(() => { user = newUser(); return sendSetup(); }));
byId("file").addEventListener("change", run((event) => openFile(event.target.files[0])));
editor.addEventListener("input", edited);
editor.addEventListener("dragover", (event) => { event.preventDefault(); editor.classList.add("over"); });
editor.addEventListener("dragleave", () => editor.classList.remove("over"));
editor.addEventListener("drop", run((event) => {
  const [file] = event.dataTransfer.files;
  editor.classList.remove("over");
  if (!file) return undefined;
  event.preventDefault();
  return openFile(file);
}));
window.addEventListener("hashchange", run(() => { readLink(); return sendSetup(); }));

readLink();
run(async () => { await readDiscovery(); await sendSetup(); })();
