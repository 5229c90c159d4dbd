"""Attributes are built again from their descriptions."""

import json

import pytest

from app.attributes.attribute import Dynamics, SessionForm
from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.attributes.kinds import BinaryAttribute, ClassAttribute, NumberAttribute, VectorAttribute
from app.attributes.stored_attribute import attribute_from_description, attributes_from_descriptions

EXAMPLES = (
    ClassAttribute(
        name="glasses",
        title="Glasses",
        position=1000,
        labels=("none", "reading", "sun"),
        label_texts={"none": "no glasses"},
        note="a remark",
        min_probability=0.7,
        min_number=("age", 3.0),
        dynamics=Dynamics.STATE,
        shown_by_default=True,
        needs_operator=True,
    ),
    ClassAttribute(name="mood", title="Mood", position=1, labels=("a", "b"), session=SessionForm.DISTRIBUTION),
    BinaryAttribute(name="beard", title="Beard", position=1001, labels=("no", "yes"), positive="yes"),
    NumberAttribute(name="noise", title="Noise", position=1002, unit="db", range=(0.0, 90.0), digits=2),
    VectorAttribute(
        name="gaze", title="Gaze", position=7, labels=("x", "y"), unit="degrees", derive=lambda inputs: None
    ),
)


@pytest.mark.parametrize("attribute", [*EXAMPLES, *own_attributes()], ids=lambda one: one.name)
def test_a_description_gives_the_attribute_again(attribute):
    description = json.loads(json.dumps(attribute.describe()))
    stored = attribute_from_description(description)
    assert stored.describe() == attribute.describe()
    assert type(stored) is type(attribute)
    assert stored.columns == attribute.columns


def test_a_stored_attribute_decides_labels_by_the_same_thresholds():
    (sex,) = (one for one in own_attributes() if one.name == "sex")
    stored = attribute_from_description(sex.describe())
    for p_female, age_years in ((0.9, 30.0), (0.6, 30.0), (0.9, 3.0), (0.1, 30.0)):
        estimate = ClassEstimate({"male": 1 - p_female, "female": p_female})
        others = {"age": NumberEstimate(age_years)}
        assert stored.resolve(estimate, others) == sex.resolve(estimate, others)


@pytest.mark.parametrize("key", ["name", "kind", "labels", "session", "headline"])
def test_an_incomplete_description_is_one_line_that_names_the_field(key):
    description = {name: value for name, value in EXAMPLES[0].describe().items() if name != key}
    with pytest.raises(ValueError, match=key) as refused:
        attribute_from_description(description)
    assert "\n" not in str(refused.value)


def test_a_stored_set_knows_what_was_served():
    attributes = AttributeSet((*own_attributes(), EXAMPLES[0]), frozenset({"age", "glasses"}))
    assert attributes_from_descriptions(attributes.describe()).describe() == attributes.describe()


def test_descriptions_without_main_statistics_are_refused():
    with pytest.raises(ValueError, match="main statistics"):
        attributes_from_descriptions([EXAMPLES[0].describe()])
