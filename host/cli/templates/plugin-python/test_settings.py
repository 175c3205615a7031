import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from settings import SCHEMA, settings_of  # noqa: E402


class Settings(unittest.TestCase):
    def test_an_absent_key_has_its_default(self) -> None:
        settings = settings_of("{}")
        for key, value in SCHEMA["properties"].items():
            self.assertEqual(settings[key], value["default"], key)

    def test_a_key_that_is_there_counts(self) -> None:
        self.assertEqual(settings_of('{"anything": 7}')["anything"], 7)


if __name__ == "__main__":
    unittest.main()
