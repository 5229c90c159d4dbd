"""Attributes in another language: titles, labels, pairs of emotions and labels in the video."""

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.attributes.kinds import ClassAttribute
from app.attributes.localization import localize_attribute, localize_attributes
from app.translations.dictionary import load_dictionary

KOREAN = localize_attributes(AttributeSet(served=frozenset({"age"})), load_dictionary("ko"))


def test_titles_labels_and_served_attributes():
    assert [KOREAN[name].title for name in ("emotion", "sex")] == ["감정", "겉보기 성별"]
    assert KOREAN["mask"].label_text("none") == "마스크 없음"
    assert KOREAN.served == {"age"}


def test_a_pair_of_emotions_joins_their_texts():
    assert KOREAN["compound"].label_text("angry + disgust") == "분노 + 혐오"
    assert KOREAN["compound"].label_text("single") == "한 가지 감정"


def test_texts_of_labels_in_the_video():
    emotion = KOREAN["emotion"]
    assert emotion.chip_text(ClassEstimate({"happy": 0.9, "sad": 0.1}, label="happy")) == "행복 90%"
    assert emotion.chip_text(ClassEstimate({"happy": 0.5, "sad": 0.5}, label="happy", second="sad")) == "행복 + 슬픔"
    assert emotion.chip_text(ClassEstimate({"happy": 0.3}, label="unsure")) == "감정 불확실"
    assert KOREAN["age"].chip_text(NumberEstimate(27.2)) == "27세"
    assert (
        KOREAN["head_pose"].chip_text(VectorEstimate({"yaw": 1.2, "pitch": 2, "roll": -3})) == "좌우 1 상하 2 기울기 -3"
    )


def test_english_is_the_language_of_the_descriptions():
    attributes = AttributeSet()
    assert localize_attributes(attributes, load_dictionary("en")) == attributes


def test_an_attribute_of_a_model_card_keeps_its_texts():
    glasses = ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("no", "yes"))
    assert localize_attribute(glasses, load_dictionary("ko")) is glasses
