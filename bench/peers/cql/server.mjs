// The decision as a CDS Hooks service of a CQL engine under Express: two workers, the port as argument.
import cluster from "node:cluster";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  CqlTranslator,
  LibraryManager,
  ModelManager,
  createModelInfoProvider,
  stringAsSource,
} from "@cqframework/cql/cql-to-elm";
import cqlExecution from "cql-execution";
import cqlFhir from "cql-exec-fhir";
import express from "express";

const require = createRequire(import.meta.url);
const WORKERS = 2;
const SYSTEM = readFileSync(new URL("system-modelinfo.xml", import.meta.url), "utf8");
const FHIR = readFileSync(require.resolve("cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml"), "utf8");
const CQL = readFileSync(new URL("decision.cql", import.meta.url), "utf8");
const WANTED = ["Covered", "Contraindications", "HasAllergy", "LastSystolic"];

function compiled() {
  const models = new ModelManager();
  const sources = { System: SYSTEM, FHIR };
  const provider = createModelInfoProvider((id) => (id in sources ? stringAsSource(sources[id]) : null));
  models.modelInfoLoader.registerModelInfoProvider(provider);
  const elm = JSON.parse(CqlTranslator.fromText(CQL, new LibraryManager(models)).toJson());
  const faults = elm.library.annotation.filter((note) => note.errorSeverity === "error");
  if (faults.length) throw new Error(faults.map((note) => `${note.startLine}: ${note.message}`).join("\n"));
  return elm;
}

// Parsing the model info takes some 90 ms, which each new PatientSource would pay: all calls share one.
function sourceOf(shared, bundle) {
  const source = Object.assign(Object.create(Object.getPrototypeOf(shared)), shared);
  source._bundles = [bundle];
  source._index = 0;
  return source;
}

function* resources(value) {
  if (value?.resourceType === "Bundle") for (const entry of value.entry ?? []) yield* resources(entry.resource);
  else if (value) yield value;
}

async function cards(executor, shared, prefetch) {
  const entry = Object.values(prefetch).flatMap((value) => [...resources(value)]).map((resource) => ({ resource }));
  const result = await executor.exec(sourceOf(shared, { resourceType: "Bundle", type: "collection", entry }));
  const [found] = Object.values(result.patientResults);
  return told(...WANTED.map((name) => found[name]));
}

function told(covered, contraindications, hasAllergy, systolic) {
  const card = (indicator, summary) => ({ summary, indicator, source: { label: "bench" } });
  const made = [card("info", `${covered.length} adequately covered: ${covered.join(", ") || "none"}`)];
  const against = [...new Set(contraindications)].sort();
  if (against.length) made.push(card("critical", `contraindicated: ${against.join(", ")}`));
  if (hasAllergy) made.push(card("critical", "allergy: ketamine"));
  if (systolic?.value >= 140) made.push(card("warning", `systolic pressure ${systolic.value} on ${day(systolic.at)}`));
  return made;
}

function day(at) {
  return [at.year, at.month, at.day].map((part) => String(part).padStart(2, "0")).join("-");
}

if (cluster.isPrimary) {
  for (let n = 0; n < WORKERS; n++) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  const executor = new cqlExecution.Executor(new cqlExecution.Library(compiled()));
  const shared = cqlFhir.PatientSource.FHIRv401();
  const app = express();
  app.use(express.json({ limit: "64mb" }));
  app.post("/cds-services/bench", async (request, response) =>
    response.json({ cards: await cards(executor, shared, request.body.prefetch) }),
  );
  app.listen(Number(process.argv[2]), "127.0.0.1");
  process.on("disconnect", () => process.exit(0));
}
