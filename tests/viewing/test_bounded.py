from bigpicture.viewing.bounded import Bounded


def test_the_least_recently_used_goes_first():
    kept = Bounded(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_weights_count_and_what_is_too_heavy_is_not_kept():
    kept = Bounded(10)
    kept.put("a", 1, 6)
    kept.put("a", 2, 4)  # replaces its own weight
    kept.put("b", 3, 6)
    assert (kept.get("a"), kept.get("b")) == (2, 3)
    kept.put("c", 4, 11)
    assert (kept.get("a"), kept.get("c")) == (2, None)
