"""Writes down what was measured and asked: scores, blood pressures, laboratory results."""

from collections.abc import Iterator

from mappings.systems import SystemId
from service.synth.history import DrawnReading, DrawnScore, LaboratoryResult
from service.synth.tables import CodeNames
from service.synth.writing import Json, Writer, coded, quantity, split, status, uri

_MOST = 3  # the highest answer to one item


def measures(writer: Writer, codes: CodeNames) -> Iterator[Json]:
    """Yield all observations and questionnaires of a patient."""
    history = writer.history
    for score in history.scores:
        if history.dialect.scores == "questionnaire":
            yield _questionnaire(writer, score, codes)
        else:
            yield from _scores(writer, score, codes)
    for reading in history.readings:
        yield _pressure(writer, reading, codes)
    for result in history.results:
        yield _result(writer, result)


def _observed(writer: Writer, day: int, category: str, members: Json) -> Json:
    on = writer.day(day)
    made = {
        "status": "final",
        "category": [status("observation-category", category)],
        "effectiveDateTime": on,
        "issued": f"{on}T17:00:00Z",
    }
    return writer.resource("Observation", made | members)


def _scores(writer: Writer, score: DrawnScore, codes: CodeNames) -> Iterator[Json]:
    loinc = uri(SystemId.LOINC)
    if writer.history.dialect.id == "words":
        total: Json = {"code": {"text": "PHQ-9 total score"}, "valueQuantity": {"value": score.total}}
    else:
        total = {"code": coded(loinc, codes.total), "valueInteger": score.total}
    yield _observed(writer, score.day, "survey", total)
    if score.item_9 is not None:
        code, name = split(codes.answers[score.item_9])
        answer = {"coding": [{"system": loinc, "code": code, "display": name}]}
        item = {"code": coded(loinc, codes.item_9), "valueCodeableConcept": answer}
        yield _observed(writer, score.day, "survey", item)


def _questionnaire(writer: Writer, score: DrawnScore, codes: CodeNames) -> Json:
    """Return a whole PHQ-9 whose answers add up to the total."""
    last = score.item_9 or 0
    left = min(score.total - last, _MOST * len(codes.items))
    answers = [(left + place) // len(codes.items) for place in range(len(codes.items))]
    items = [
        _item(row, answer, codes)
        for row, answer in zip((*codes.items, codes.item_9), (*answers, last), strict=True)
    ]
    code, name = split(codes.total)
    items.append({"linkId": f"/{code}", "text": name, "answer": [{"valueInteger": sum(answers) + last}]})
    panel = split(codes.panel)[0]
    members = {
        "questionnaire": f"http://loinc.org/q/{panel}",
        "status": "completed",
        "authored": f"{writer.day(score.day)}T09:00:00Z",
        "item": items,
    }
    return writer.resource("QuestionnaireResponse", members)


def _item(row: str, answer: int, codes: CodeNames) -> Json:
    code, text = split(row)
    value, name = split(codes.answers[answer])
    coding = {"system": uri(SystemId.LOINC), "code": value, "display": name}
    return {"linkId": f"/{code}", "text": text, "answer": [{"valueCoding": coding}]}


def _pressure(writer: Writer, reading: DrawnReading, codes: CodeNames) -> Json:
    loinc = uri(SystemId.LOINC)
    parts = ((codes.systolic, reading.systolic), (codes.diastolic, reading.diastolic))
    members = {
        "code": coded(loinc, codes.pressure),
        "component": [
            {"code": coded(loinc, code), "valueQuantity": quantity(value, "mm[Hg]")} for code, value in parts
        ],
    }
    return _observed(writer, reading.day, "vital-signs", members)


def _result(writer: Writer, result: LaboratoryResult) -> Json:
    laboratory = result.laboratory
    members = {
        "code": coded(uri(SystemId.LOINC), laboratory.code),
        "valueQuantity": quantity(result.value, laboratory.unit),
    }
    return _observed(writer, result.day, "laboratory", members)
