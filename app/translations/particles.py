"""Korean particles whose form depends on the word before them, which a text has as a parameter."""

from __future__ import annotations

import re

# Written both ways in a dictionary -> form after a final consonant, form after none.
PARTICLES = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
}
WRITTEN_BOTH_WAYS = re.compile(rf"([가-힣0-9])({'|'.join(map(re.escape, PARTICLES))})")
# Index of the final consonant after which "로" is used as after none.
RIEUL = 8
# Final consonants of the digits as they are read; only "none", RIEUL and "another" matter.
DIGIT_FINALS = (1, RIEUL, 0, 1, 0, 0, 1, RIEUL, RIEUL, 0)
FIRST_SYLLABLE = ord("가")
SYLLABLES_PER_FINAL = 28


def resolve_particles(text: str) -> str:
    """Choose the form of each particle that is written both ways after a Hangul syllable or a digit.

    >>> resolve_particles("놀람(으)로 예측, 세션 3이(가) 진행 중")
    '놀람으로 예측, 세션 3이 진행 중'
    """
    return WRITTEN_BOTH_WAYS.sub(lambda match: match[1] + _form(match[1], match[2]), text)


def _form(letter: str, particle: str) -> str:
    final = DIGIT_FINALS[int(letter)] if letter.isdigit() else (ord(letter) - FIRST_SYLLABLE) % SYLLABLES_PER_FINAL
    after_consonant, after_vowel = PARTICLES[particle]
    return after_vowel if final == 0 or (final == RIEUL and particle == "(으)로") else after_consonant
