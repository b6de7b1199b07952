"""Which condition groups SNOMED CT identifiers belong to; names are in our own words."""

import pytest

from mappings.terminology import Terminology, load_terminology


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped tables."""
    return load_terminology()


@pytest.mark.parametrize(
    ("code", "meaning", "groups"),
    [
        ("36474008", "recurrent, severe, no psychosis", {"mdd"}),
        ("18818009", "recurrent, moderate", {"mdd"}),
        ("370143000", "major depressive disorder", {"mdd"}),
        ("28475009", "recurrent, severe, psychotic", {"mdd_psychotic", "psychosis"}),
        ("33135002", "recurrent, partial remission", {"mdd_partial_remission"}),
        ("46244001", "recurrent, full remission", {"mdd_full_remission"}),
        ("42810003", "in remission, not said which", {"mdd_remission_unspecified"}),
        ("35489007", "depressive disorder", {"depression_unspecified"}),
        ("78667006", "dysthymia", {"dysthymia"}),
        ("231504006", "mixed anxiety and depression", {"depression_other"}),
        ("428181000124104", "positive screening is no diagnosis", set()),
        ("371596008", "bipolar I", {"bipolar"}),
        ("41836007", "bipolar in full remission is bipolar", {"bipolar", "bipolar_remission"}),
        ("68569003", "bipolar I, manic", {"bipolar", "mania_active"}),
        ("28663008", "bipolar I, manic, psychotic", {"bipolar", "mania_active", "psychosis"}),
        ("58214004", "schizophrenia", {"psychosis"}),
        ("4926007", "schizophrenia in remission", {"psychosis_remission"}),
        ("724719005", "psychosis from ketamine", {"psychosis_substance", "sud_active", "substance_ketamine"}),
    ],
)
def test_mind(terms: Terminology, code: str, meaning: str, groups: set[str]) -> None:
    """Depression, bipolar disorder and psychosis are told apart by kind, severity and remission."""
    assert terms.snomed_groups(code) == groups, meaning


@pytest.mark.parametrize(
    ("code", "meaning", "groups"),
    [
        ("66590003", "alcohol dependence", {"sud_active", "substance_alcohol"}),
        ("191813001", "alcoholism in remission", {"sud_remission", "substance_alcohol"}),
        ("191821007", "opioid dependence in remission", {"sud_remission", "substance_opioid"}),
        ("191875001", "combined, opioids excluded, in remission", {"sud_remission", "substance_other"}),
        ("724715004", "ketamine dependence", {"sud_active", "substance_ketamine"}),
        ("7071007", "phencyclidine abuse", {"sud_active", "substance_pcp"}),
        ("56294008", "nicotine dependence", {"nicotine"}),
        ("413096007", "never injected drugs", set()),
        ("95635002", "caffeine withdrawal", set()),
        ("420054005", "alcoholic cirrhosis alone is no use today", {"hepatic_cirrhosis"}),
    ],
)
def test_substances(terms: Terminology, code: str, meaning: str, groups: set[str]) -> None:
    """Use, remission and the substance are told apart; nicotine, caffeine and non-users never count."""
    assert terms.snomed_groups(code) == groups, meaning


@pytest.mark.parametrize(
    ("code", "meaning", "groups"),
    [
        ("6471006", "suicidal thoughts", {"suicidal_ideation"}),
        ("401229000", "thoughts of self-harm are no attempt", {"suicidal_ideation"}),
        ("82313006", "attempt", {"suicide_attempt"}),
        ("242825001", "aspirin overdose with intent", {"suicide_attempt"}),
        ("295195001", "fentanyl overdose with intent", {"suicide_attempt"}),
        ("295194002", "accidental fentanyl overdose", set()),
        ("161474000", "history of attempt", {"self_harm_history"}),
    ],
)
def test_suicide_risk(terms: Terminology, code: str, meaning: str, groups: set[str]) -> None:
    """Ideation, attempt, poisoning with intent and history are told apart; accidents are none of them."""
    assert terms.snomed_groups(code) == groups, meaning


@pytest.mark.parametrize(
    ("code", "meaning", "groups"),
    [
        ("57054005", "acute infarction", {"mi_acute"}),
        ("1755008", "old infarction", {"mi_old"}),
        ("4557003", "unstable angina", {"acute_coronary"}),
        ("84114007", "heart failure", {"heart_failure"}),
        ("443253003", "acute on chronic heart failure", {"heart_failure", "heart_failure_acute"}),
        ("422504002", "ischaemic stroke", {"stroke_ischemic"}),
        ("266257000", "transient ischaemic attack", {"tia"}),
        ("275526006", "history of stroke", {"stroke_history"}),
        ("723083001", "sequela of ischaemic stroke is no haemorrhage", {"stroke_sequela"}),
        ("274100004", "cerebral haemorrhage", {"intracerebral_hemorrhage"}),
        ("450418003", "traumatic cerebral haemorrhage", {"intracerebral_hemorrhage", "head_injury"}),
        ("209987007", "traumatic subdural", {"intracranial_hemorrhage_other", "head_injury"}),
        ("1386000", "intracranial haemorrhage, site unstated", {"intracranial_hemorrhage_other"}),
        ("233985008", "abdominal aortic aneurysm", {"aneurysm"}),
        ("65340007", "cardiac aneurysm is another flag", {"vascular_other"}),
        ("234142008", "cerebral arteriovenous malformation", {"avm"}),
        ("50490005", "hypertensive encephalopathy", {"hypertensive_crisis"}),
        ("59621000", "essential hypertension is no flag", set()),
    ],
)
def test_heart_vessels_brain(terms: Terminology, code: str, meaning: str, groups: set[str]) -> None:
    """Acute and old, ischaemic and haemorrhagic, intracerebral and other are told apart."""
    assert terms.snomed_groups(code) == groups, meaning


@pytest.mark.parametrize(
    ("code", "meaning", "groups"),
    [
        ("77386006", "pregnant", {"pregnancy"}),
        ("60001007", "not pregnant", {"not_pregnant"}),
        ("289256000", "delivered", {"pregnancy_ended"}),
        ("398254007", "pre-eclampsia", {"preeclampsia"}),
        ("198983002", "severe pre-eclampsia, delivered", {"preeclampsia"}),
        ("198985009", "severe pre-eclampsia, not delivered", {"preeclampsia", "pregnancy"}),
        ("169750002", "breastfeeding", {"lactation"}),
        ("289083006", "does not breastfeed", set()),
        ("59927004", "hepatic failure", {"hepatic_severe"}),
        ("19943007", "cirrhosis", {"hepatic_cirrhosis"}),
        ("716203000", "decompensated cirrhosis", {"hepatic_cirrhosis", "hepatic_severe"}),
        ("254839007", "a scirrhous carcinoma is no cirrhosis", set()),
        ("36139001", "ulcerating interstitial cystitis", {"cystitis_interstitial"}),
        ("33655002", "chronic cystitis", {"cystitis_chronic"}),
        ("68226007", "acute cystitis does not fire", set()),
        ("30041005", "acute angle closure", {"glaucoma", "glaucoma_acute"}),
        ("4210003", "ocular hypertension", {"glaucoma"}),
        ("34486009", "hyperthyroidism", {"hyperthyroidism"}),
        ("78275009", "obstructive sleep apnoea", {"sleep_apnea"}),
        ("2776000", "delirium", {"delirium"}),
        ("716186003", "no known allergy", {"no_known_allergy"}),
        ("409137002", "no known drug allergy", {"no_known_allergy"}),
        ("429625007", "no known food allergy says nothing of drugs", set()),
    ],
)
def test_other_conditions(terms: Terminology, code: str, meaning: str, groups: set[str]) -> None:
    """State and its opposite, severe and mild, chronic and acute are told apart."""
    assert terms.snomed_groups(code) == groups, meaning


def test_companions(terms: Terminology) -> None:
    """A finer group never stands without the group that it refines."""
    broader = {
        "mania_active": "bipolar",
        "bipolar_remission": "bipolar",
        "heart_failure_acute": "heart_failure",
        "glaucoma_acute": "glaucoma",
        "thyroid_storm": "hyperthyroidism",
        "mdd_psychotic": "psychosis",
    }
    for code, groups in terms.conditions.items():
        for finer in groups & broader.keys():
            assert broader[finer] in groups, (code, finer)


def test_every_substance_is_used_or_in_remission(terms: Terminology) -> None:
    """A substance is never named without saying whether its use is active or in remission, and never both."""
    for code, groups in terms.conditions.items():
        if any(group.startswith("substance_") for group in groups):
            assert len(groups & {"sud_active", "sud_remission"}) == 1, code
