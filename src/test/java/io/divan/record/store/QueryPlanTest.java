package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.Sort;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.checked.CheckedAdapter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The plans of queries, in words. */
class QueryPlanTest {
  private static final RecordType USER =
      RecordType.of(1, "user")
          .field(1, "id", FieldType.TEXT)
          .field(2, "city", FieldType.TEXT)
          .field(3, "age", FieldType.INTEGER)
          .field(4, "name", FieldType.TEXT)
          .field(5, "tags", FieldType.arrayOf(FieldType.TEXT))
          .field(6, "mail", FieldType.TEXT)
          .key("id");

  private final TestRecords records =
      new TestRecords(
          new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {}),
          Schema.version(1)
              .type(USER)
              .index(Index.value("city_age", "user", "city", "age").covers("name"))
              .index(Index.value("tags", "user", "tags").elements("tags"))
              .index(Index.value("mail", "user", "mail").sparsely()));

  private static Query where(Predicate... parts) {
    return Query.of("user").where(Predicate.and(parts));
  }

  private void assertPlan(Query query, String text) {
    assertThat(records.explain(query)).hasToString(text);
  }

  private void fill(String city, int count) {
    for (int i = 0; i < count; i++) {
      records.put(
          Rec.of("user")
              .with("id", city + i)
              .with("city", city)
              .with("age", i)
              .with("name", i % 2 == 0 ? "Ann" : "Bob"));
    }
  }

  @Test
  void explain_keys() {
    assertPlan(Query.of("user"), "all of the records of type user");
    assertPlan(
        Query.of("user").sort(Sort.descending("id")),
        "all of the records of type user backwards");
    assertPlan(where(Predicate.eq("id", "a")), "records by key (id = 'a')");
    assertPlan(where(Predicate.in("id", "a", "b")), "records by key (id in ('a', 'b')), 2 keys");
    assertPlan(
        where(Predicate.between("id", "a", "c"), Predicate.eq("name", "Ann")),
        "records by key (id from 'a' to 'c'), then filter name = 'Ann'");
    assertPlan(
        where(Predicate.eq("name", "Ann")),
        "all of the records of type user, then filter name = 'Ann'");
  }

  @Test
  void explain_equalityThenRangeThenFilter() {
    assertPlan(
        where(
            Predicate.in("city", "Oslo", "Paris"),
            Predicate.between("age", 25, 35),
            Predicate.startsWith("name", "A")),
        "index city_age (city in ('Oslo', 'Paris'), age from 25 to 35), 2 ranges, then filter"
            + " name starts with 'A'");
    assertPlan(
        where(Predicate.eq("city", "Oslo"), Predicate.gt("age", 3), Predicate.lt("age", 9)),
        "index city_age (city = 'Oslo', age > 3, age < 9)");
  }

  @Test
  void explain_negations_arePushedDown() {
    assertPlan(
        where(
            Predicate.not(
                Predicate.or(Predicate.ne("city", "Oslo"), Predicate.lt("age", 3)))),
        "index city_age (city = 'Oslo', age >= 3)");
  }

  @Test
  void explain_sort() {
    assertPlan(
        where(Predicate.eq("city", "Oslo")).sort(Sort.descending("age")),
        "index city_age (city = 'Oslo') backwards");
    assertPlan(
        Query.of("user").sort(Sort.ascending("city"), Sort.ascending("age")),
        "all of index city_age");
    assertPlan(
        where(Predicate.in("city", "Oslo", "Paris")).sort(Sort.ascending("age")),
        "merge by age, key without duplicates: index city_age (city = 'Oslo');"
            + " index city_age (city = 'Paris')");
    Query bad = Query.of("user").sort(Sort.ascending("city"), Sort.descending("age"));
    assertThatThrownBy(() -> records.explain(bad))
        .isInstanceOf(RecordException.NoIndexForSort.class)
        .hasMessage(
            "No index has the order [city, age descending] for this query of type user."
                + " Add one, or sort in memory");
    assertPlan(
        bad.sortInMemory(100),
        "all of the records of type user, then sort of at most 100 records in memory by city,"
            + " age descending");
  }

  @Test
  void explain_disjunction() {
    assertPlan(
        where(
            Predicate.or(
                Predicate.contains("tags", "x"), Predicate.eq("mail", "a@b"))),
        "merge by key without duplicates: index tags (tags contains 'x');"
            + " index mail (mail = 'a@b')");
    assertPlan(
        where(Predicate.or(Predicate.eq("city", "Oslo"), Predicate.eq("id", "a"))),
        "one by one without duplicates: index city_age (city = 'Oslo'); records by key"
            + " (id = 'a')");
    assertPlan(
        where(Predicate.or(Predicate.eq("city", "Oslo"), Predicate.eq("name", "Ann"))),
        "all of the records of type user, then filter city = 'Oslo' or name = 'Ann'");
  }

  @Test
  void explain_covering() {
    Query query = where(Predicate.eq("city", "Oslo"), Predicate.ne("name", "Bob"));
    assertPlan(
        query.fields("id", "age"),
        "index city_age (city = 'Oslo'), then filter name <> 'Bob', without reading records");
    assertPlan(
        query.fields("mail"), "index city_age (city = 'Oslo'), then filter name <> 'Bob'");
    fill("Oslo", 10);
    assertThat(
        records.run(query.fields("id", "age"), ReadLimits.DEFAULT, java.util.Optional.empty())
            .records())
        .hasSize(5)
        .first()
        .isEqualTo(Rec.of("user").with("id", "Oslo0").with("age", 0));
  }

  @Test
  void run_pageOfAnIndex_endsWithItsRows() {
    fill("Oslo", 200);
    Results results =
        records.run(
            where(Predicate.eq("city", "Oslo")), ReadLimits.rows(150), java.util.Optional.empty());
    assertThat(results.records()).hasSize(150);
    assertThat(results.stop()).isEqualTo(Results.Stop.ROWS);
    assertThat(results.scanned()).isEqualTo(150);
  }

  @Test
  void explain_sparseIndex_onlyWithAValue() {
    assertPlan(where(Predicate.startsWith("mail", "a")), "index mail (mail starts with 'a')");
    assertPlan(
        where(Predicate.not(Predicate.isNull("mail"))), "index mail (mail is not null)");
    assertPlan(
        where(Predicate.isNull("mail")),
        "all of the records of type user, then filter mail is null");
    assertThatThrownBy(() -> records.explain(Query.of("user").sort(Sort.ascending("mail"))))
        .isInstanceOf(RecordException.NoIndexForSort.class);
  }

  @Test
  void explain_countIndexes_choose() {
    fill("Oslo", 9);
    records.add(Index.value("name", "user", "name"));
    records.add(Index.count("by_city", "user", "city"));
    records.add(Index.count("by_name", "user", "name"));
    Query query = where(Predicate.eq("city", "Oslo"), Predicate.eq("name", "Bob"));
    assertPlan(
        query, "index name (name = 'Bob'), then filter city = 'Oslo'; about 4 rows by count index");
    records.put(Rec.of("user").with("id", "x").with("name", "Bob"));
    fill("Rome", 40);
    assertPlan(
        query,
        "index city_age (city = 'Oslo'), then filter name = 'Bob'; about 9 rows by count index");
    assertThat(records.explain(query).rows()).hasValue(9);
    assertThat(records.explain(query).indexes()).isEqualTo(List.of("city_age"));
  }

  @Test
  void explain_indexThatIsNotReadable_isNotUsed() {
    records.disable("mail");
    assertPlan(
        where(Predicate.eq("mail", "a")),
        "all of the records of type user, then filter mail = 'a'");
  }

  @Test
  void explain_contradiction_readsNothing() {
    assertPlan(where(Predicate.in("city")), "index city_age, nothing");
    assertPlan(
        where(Predicate.gt("id", "b"), Predicate.lt("id", "a")), "records by key, nothing");
  }

  @Test
  void explain_queryThatDoesNotFit_isRefused() {
    assertRefused(where(Predicate.eq("town", "Oslo")), "Type user has no field town");
    assertRefused(
        where(Predicate.eq("age", "old")),
        "The condition does not fit field age of type user: 'old' is not a value of the type"
            + " integer");
    assertRefused(
        where(Predicate.contains("city", "Oslo")),
        "The condition does not fit field city of type user: not an array");
    assertRefused(
        where(Predicate.startsWith("age", "1")),
        "The condition does not fit field age of type user: no prefix of a value of this field");
    assertRefused(Query.of("users"), "The schema has no type users");
    assertRefused(Query.of("user").fields("x"), "Type user has no field x");
    assertThatThrownBy(() -> Predicate.in("age", 1, null))
        .hasMessage("A condition compares with null; use isNull");
  }

  private void assertRefused(Query query, String message) {
    assertThatThrownBy(() -> records.explain(query))
        .isInstanceOf(RecordException.Invalid.class)
        .hasMessage(message);
  }
}
