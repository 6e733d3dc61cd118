import copy
from pathlib import Path

import pytest
import yaml

from fakes.intents import CANCEL, COLD, INVOICE, OIL, TREE, WATER
from intake.classification.errors import TaxonomyInvalid
from intake.classification.schemas import Label, Taxonomy

SHOP = Path(__file__).parents[3] / "api" / "demo" / "shop" / "taxonomy.yaml"


class TestTaxonomy:
    def test_reads_three_levels_in_order(self, taxonomy: Taxonomy) -> None:
        """CL-01."""
        assert taxonomy.leaves == (WATER, OIL, COLD, INVOICE, CANCEL)
        assert taxonomy.label(WATER).definition == "水流到外面；漏电归触电"

    def test_contains_leaves_and_parents_and_nothing_else(self, taxonomy: Taxonomy) -> None:
        """CL-06."""
        assert taxonomy.contains(WATER)
        assert taxonomy.contains(WATER[:2])
        assert not taxonomy.contains(())
        assert not taxonomy.contains(("quality", "papers"))

    def test_names_follow_the_language(self, taxonomy: Taxonomy) -> None:
        assert taxonomy.name(WATER) == ("质量问题", "漏水类", "漏水")
        assert taxonomy.name(WATER[:1], "en") == ("Quality",)

    def test_path_of_an_older_taxonomy_is_named_by_its_ids(self, taxonomy: Taxonomy) -> None:
        assert taxonomy.name(("quality", "gone", "lost")) == ("质量问题", "gone", "lost")

    def test_other_words_are_another_taxonomy(self, taxonomy: Taxonomy) -> None:
        changed = copy.deepcopy(TREE)
        changed["types"][0]["zh"] = "品质问题"

        assert Taxonomy.from_mapping(changed).fingerprint != taxonomy.fingerprint
        assert Taxonomy.from_mapping(copy.deepcopy(TREE)).fingerprint == taxonomy.fingerprint

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda tree: tree.pop("types"),
            lambda tree: tree["types"].clear(),
            lambda tree: tree["types"][0].pop("causes"),
            lambda tree: tree["types"][0]["causes"][0]["details"].clear(),
            lambda tree: tree["types"][0]["causes"][0]["details"][0].pop("zh"),
            lambda tree: tree["types"][1].update(id=" "),
            lambda tree: tree["types"][1]["causes"][0].update(id="leaks"),
            lambda tree: tree.update(types=["quality"]),
        ],
    )
    def test_broken_file_is_refused_with_a_reason(self, spoil: object) -> None:
        """CL-02."""
        tree = copy.deepcopy(TREE)
        spoil(tree)

        with pytest.raises(TaxonomyInvalid):
            Taxonomy.from_mapping(tree)

    def test_flat_and_mixed_labels_of_a_data_set_make_a_taxonomy(self) -> None:
        taxonomy = Taxonomy.from_paths([("greet",), ("order", "cancel"), ("greet",)])

        assert taxonomy.leaves == (("greet",), ("order", "cancel"))
        assert taxonomy.contains(("order",))

    def test_child_without_its_parent_is_refused(self) -> None:
        with pytest.raises(TaxonomyInvalid):
            Taxonomy((Label(("a", "b"), "乙", "b"),))

    def test_demo_shop_has_three_levels_everywhere(self) -> None:
        taxonomy = Taxonomy.from_mapping(yaml.safe_load(SHOP.read_text(encoding="utf-8")))

        assert {len(path) for path in taxonomy.leaves} == {3}
        assert all(taxonomy.label(path).definition for path in taxonomy.leaves)
