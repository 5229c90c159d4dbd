"""Korean particles after syllables with and without a final consonant, and after digits."""

import pytest

from app.translations.particles import resolve_particles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("놀람(으)로", "놀람으로"),
        ("분노(으)로", "분노로"),
        ("얼굴(으)로", "얼굴로"),
        ("슬픔을(를) 행복과(와)", "슬픔을 행복과"),
        ("분노을(를) 분노과(와)", "분노를 분노와"),
        ("세션 3이(가), 세션 12은(는), 4은(는)", "세션 3이, 세션 12는, 4는"),
        ("8(으)로 6(으)로", "8로 6으로"),
        ("webcam을(를) 'a'이(가)", "webcam을(를) 'a'이(가)"),
    ],
)
def test_the_form_follows_the_word_before(written: str, read: str):
    assert resolve_particles(written) == read
