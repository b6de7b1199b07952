// A call as others make it: the command for a terminal, and the call that signs a referral.

const END = "END_OF_CALL";

/** The command that sends this body from a shell. */
export function asCurl(address, text) {
  return `curl --silent --show-error --header 'Content-Type: application/json' --data-binary @- '${address}' <<'${END}'\n${text}\n${END}\n`;
}

/** The call of order-sign about a resource that was drafted, for the patient and with the data of `request`. */
export function signing(request, resource) {
  const { userId, patientId, encounterId } = request.context;
  const draft = { id: "accepted-referral", ...resource };
  const context = { userId, patientId, ...(encounterId ? { encounterId } : {}), draftOrders: bundle(draft) };
  return { ...request, hook: "order-sign", hookInstance: crypto.randomUUID(), context };
}

const bundle = (resource) => ({ resourceType: "Bundle", type: "collection", entry: [{ resource }] });
