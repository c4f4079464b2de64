from bigpicture.model.bounded import Bounded


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


def test_uses_are_counted_and_looking_whether_is_no_use():
    kept = Bounded(10)
    kept.put("a", 1, 6)
    assert "a" in kept
    assert "b" not in kept
    assert (kept.get("a"), kept.get("b"), kept.get("a")) == (1, None, 1)
    use = kept.use
    assert (use.hits, use.misses, use.weight, use.most) == (2, 1, 6, 10)


def test_what_is_forgotten_weighs_nothing():
    kept = Bounded(10)
    kept.put(("a", 1), 1, 3)
    kept.put(("b", 1), 2, 4)
    kept.forget(lambda key: key[0] == "a")
    assert (kept.get(("a", 1)), kept.get(("b", 1)), kept.use.weight) == (None, 2, 4)
    kept.forget()
    assert kept.use.weight == 0
