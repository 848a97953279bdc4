package io.divan;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.divan.document.Databases;
import io.divan.storage.StorageAdapter;
import java.time.Clock;
import org.jspecify.annotations.NullMarked;

/** The allowed dependencies between packages, as docs/architecture.md describes them. */
@AnalyzeClasses(packages = "io.divan", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest static final ArchRule LAYERS_DEPEND_IN_ONE_DIRECTION =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("operations")
          .definedBy("io.divan.operations..")
          .layer("api")
          .definedBy("io.divan.api..")
          .layer("replication")
          .definedBy("io.divan.replication..")
          .layer("query")
          .definedBy("io.divan.query..")
          .layer("view")
          .definedBy("io.divan.view..")
          .layer("security")
          .definedBy("io.divan.security..")
          .layer("document")
          .definedBy("io.divan.document..")
          .layer("background")
          .definedBy("io.divan.background..")
          .layer("configuration")
          .definedBy("io.divan.configuration..")
          .layer("record")
          .definedBy("io.divan.record..")
          .layer("storage")
          .definedBy("io.divan.storage..")
          .layer("script")
          .definedBy("io.divan.script..")
          .whereLayer("operations")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("operations")
          .whereLayer("replication")
          .mayOnlyBeAccessedByLayers("operations", "api")
          .whereLayer("query")
          .mayOnlyBeAccessedByLayers("operations", "api", "replication")
          .whereLayer("view")
          .mayOnlyBeAccessedByLayers("operations", "api", "replication")
          .whereLayer("security")
          .mayOnlyBeAccessedByLayers("operations", "api", "replication", "query", "view")
          .whereLayer("document")
          .mayOnlyBeAccessedByLayers(
              "operations", "api", "replication", "query", "view", "security")
          .whereLayer("background")
          .mayOnlyBeAccessedByLayers(
              "operations", "api", "replication", "query", "view", "security", "document")
          .whereLayer("configuration")
          .mayOnlyBeAccessedByLayers(
              "operations", "api", "replication", "query", "view", "security", "document",
              "background")
          .whereLayer("record")
          .mayOnlyBeAccessedByLayers(
              "operations", "api", "replication", "query", "view", "security", "document")
          .whereLayer("script")
          .mayOnlyBeAccessedByLayers("operations", "api", "view", "security")
          .because("each package must be understandable without its users");

  @ArchTest static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices()
          .matching("io.divan.(**)")
          .should()
          .beFreeOfCycles()
          .because("packages with cyclic dependencies cannot be understood one at a time");

  private static final String[] ADAPTERS = {
    "io.divan.storage.fdb..",
    "io.divan.storage.redb..",
    "io.divan.storage.leveldb..",
    "io.divan.storage.sqlite..",
  };

  @ArchTest static final ArchRule JSON_KNOWS_NOTHING_OF_DIVAN =
      noClasses()
          .that()
          .resideInAPackage("io.divan.json..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..").and(not(resideInAPackage("io.divan.json.."))))
          .because("every other package may use it");

  @ArchTest static final ArchRule SELECTORS_KNOW_JSON_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.divan.query.selector..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(not(resideInAnyPackage("io.divan.query.selector..", "io.divan.json.."))))
          .because("a selector tests a JSON value, wherever that is stored");

  @ArchTest static final ArchRule DOCUMENTS_DO_NOT_KNOW_THEIR_MAINTENANCE =
      noClasses()
          .that()
          .resideInAPackage("io.divan.document")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.divan.document.maintenance..", "io.divan.background..")
          .because("maintenance learns of edits through a listener");

  @ArchTest static final ArchRule DATABASES_WITHOUT_HOOKS_ARE_ONLY_READ =
      noClasses()
          .that()
          .haveNameNotMatching(".*\\.CheckCommand(\\$.*)?") // edits nothing
          .should()
          .callConstructor(Databases.class, StorageAdapter.class, Clock.class)
          .because("edits without the hooks of indexes leave the indexes stale");

  @ArchTest static final ArchRule ROWS_ARE_KNOWN_TO_DOCUMENTS_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.divan.document..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.divan.document.rows..")
          .because("row layouts are internal to the document layer");

  @ArchTest static final ArchRule BACKGROUND_WORK_KNOWS_NO_DOCUMENTS =
      noClasses()
          .that()
          .resideInAPackage("io.divan.background..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.background..",
                              "io.divan.storage",
                              "io.divan.storage.lease..",
                              "io.divan.storage.tuple.."))))
          .because("all layers above the storage run their tasks there");

  @ArchTest static final ArchRule CONFIGURATION_KNOWS_THE_STORAGE_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.divan.configuration..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.configuration..",
                              "io.divan.storage",
                              "io.divan.storage.tuple..",
                              "io.divan.json.."))))
          .because("all layers above the storage declare their settings there");

  @ArchTest static final ArchRule LOGGING_KNOWS_SETTINGS_AND_THE_STORAGE_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.divan.logging..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.logging..", "io.divan.configuration..",
                              "io.divan.storage"))))
          .because("security, the API and operations log with it");

  @ArchTest static final ArchRule INDEXES_KNOW_BYTES_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.divan.record.index..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.record.index..",
                              "io.divan.storage",
                              "io.divan.storage.lease..",
                              "io.divan.storage.tuple.."))))
          .because("records and documents share one engine, which knows neither");

  @ArchTest static final ArchRule RECORDS_ARE_VALUES =
      noClasses()
          .that()
          .resideInAPackage("io.divan.record")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.record",
                              "io.divan.record.index..",
                              "io.divan.json..",
                              "io.divan.storage",
                              "io.divan.storage.tuple.."))))
          .because("the description of records knows neither queries nor the store that run it");

  @ArchTest static final ArchRule QUERIES_DO_NOT_KNOW_THE_STORE_OF_RECORDS =
      noClasses()
          .that()
          .resideInAPackage("io.divan.record.query..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.record.query..",
                              "io.divan.record",
                              "io.divan.record.index..",
                              "io.divan.storage",
                              "io.divan.storage.tuple.."))))
          .because("they read records through an interface of their own");

  @ArchTest static final ArchRule RECORDS_ARE_A_LIBRARY_OVER_STORAGE =
      noClasses()
          .that()
          .resideInAPackage("io.divan.record.store..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.record.store..",
                              "io.divan.record.query..",
                              "io.divan.record",
                              "io.divan.record.index..",
                              "io.divan.json..",
                              "io.divan.storage",
                              "io.divan.storage.layer..",
                              "io.divan.storage.lease..",
                              "io.divan.storage.tuple.."))))
          .because("programs without documents use records");

  @ArchTest static final ArchRule TABLES_ARE_A_LAYER_OVER_RECORDS =
      noClasses()
          .that()
          .resideInAPackage("io.divan.record.relational")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.record.relational",
                              "io.divan.record.store",
                              "io.divan.record",
                              "io.divan.record.index",
                              "io.divan.storage",
                              "io.divan.storage.tuple.."))))
          .because("tables have no engine of their own");

  @ArchTest static final ArchRule THE_SPI_NEEDS_NO_TOOLKIT =
      noClasses()
          .that()
          .resideInAPackage("io.divan.storage")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.divan.storage.(*)..")
          .because("the SPI must be readable on its own");

  @ArchTest static final ArchRule TOOLKITS_KNOW_NO_ADAPTER =
      noClasses()
          .that()
          .resideInAPackage("io.divan.storage..")
          .and()
          .resideOutsideOfPackages(ADAPTERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ADAPTERS)
          .because("adapters use toolkits, never the reverse");

  @ArchTest static final ArchRule STORAGE_USES_STORAGE_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.divan.storage..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.divan.storage..", "io.divan.redb..", "io.divan.json.."))))
          .because("an adapter implements the SPI and nothing above it");

  @ArchTest static final ArchRule ADAPTERS_DO_NOT_KNOW_EACH_OTHER =
      slices()
          .matching("io.divan.storage.(fdb|redb|leveldb|sqlite)..")
          .should()
          .notDependOnEachOther()
          .because("adapters share code through the toolkits only");

  @ArchTest static final ArchRule ADAPTERS_REGISTER_THEMSELVES =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.divan.storage..")
          .and()
          .haveNameNotMatching(".*\\.ImportCommand(\\$.*)?") // reads a RouchDB file with redb
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ADAPTERS)
          .because("a backend is found as a bean; nothing else names an adapter");

  @ArchTest static final ArchRule REGISTRATIONS_ARE_FOR_SPRING_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.divan.storage.*.autoconfigure..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.divan.storage.*.autoconfigure..")
          .because("a program without Spring uses the adapter itself");

  @ArchTest static final ArchRule REDB_KNOWS_NOTHING_OF_DIVAN =
      noClasses()
          .that()
          .resideInAPackage("io.divan.redb..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.divan..").and(not(resideInAPackage("io.divan.redb.."))))
          .allowEmptyShould(true)
          .because("the engine is usable without the service");

  @ArchTest static final ArchRule SPRING_IS_FOR_THE_OUTER_ROOMS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.divan.background..",
              "io.divan.document..",
              "io.divan.storage..",
              "io.divan.record..")
          .and()
          .resideOutsideOfPackage("io.divan.storage.*.autoconfigure..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework..", "jakarta..", "io.micrometer..")
          .because("documents and storage are usable without a web server");

  @ArchTest static final ArchRule ENGINES_ARE_KNOWN_TO_THEIR_ADAPTERS_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.divan.storage.sqlite..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.sqlite..", "java.sql..")
          .because("engine-specific code stays in the engine's adapter");

  @ArchTest static final ArchRule FOUNDATIONDB_IS_KNOWN_TO_ITS_ADAPTER_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.divan.storage.fdb..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.apple.foundationdb..")
          .because("engine-specific code stays in the engine's adapter");

  @ArchTest static final ArchRule THE_CLIENT_LIBRARY_IS_LOADED_BY_ONE_CLASS =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.divan.storage.fdb.FdbClient")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("com.apple.foundationdb.FDB")
          .because("the native library only exists on machines with a FoundationDB client");

  @ArchTest static final ArchRule STORAGE_KNOWS_BYTES_ONLY =
      noClasses()
          .that()
          .resideInAnyPackage("io.divan.storage..", "io.divan.record..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("tools.jackson..", "com.fasterxml..")
          .because("storage knows bytes; JSON lives in io.divan.json");

  @ArchTest static final ArchRule CONTROLLERS_ARE_NOT_PUBLIC =
      classes()
          .that()
          .haveSimpleNameEndingWith("Controller")
          .should()
          .notBePublic()
          .because("only Spring calls them");

  @ArchTest static final ArchRule OPERATIONS_ARE_NOT_PUBLIC =
      classes()
          .that()
          .resideInAPackage("io.divan.operations..")
          .and()
          .areTopLevelClasses()
          .and(not(simpleName("CommandLine")))
          .and(not(simpleName("StopSignals")))
          .and(not(simpleName("Training")))
          .should()
          .notBePublic()
          .because("only the main class uses this package, to run a command and to stop");

  @ArchTest static final ArchRule PUBLIC_TYPES_ARE_USED_ELSEWHERE =
      classes()
          .that()
          .resideInAnyPackage("io.divan.api..", "io.divan.document..", "io.divan.storage..")
          .and(not(simpleName("JsonErrorReportValve"))) // Tomcat creates it by reflection
          .and(not(simpleName("TimedRead"))) // for backends outside this repository
          .and()
          .arePublic()
          .and()
          .areTopLevelClasses()
          .and()
          // Its fault settings and clock are for tests, which are not imported here.
          .resideOutsideOfPackage("io.divan.storage.fdb.simulation..")
          .and()
          // Libraries for programs outside this repository.
          .resideOutsideOfPackages("io.divan.storage.leveldb..", "io.divan.storage.sqlite.pages..")
          .and()
          // The component types of EditHooks. Users, validation functions and indexes will
          // implement them.
          .haveNameNotMatching(
              "io\\.divan\\.document\\.(DerivedValue|DesignDocuments|DocumentChange"
                  + "|DocumentVersion|EditContext|EditObserver|EditRule|ProposedEdit)")
          .should(beUsedInAnotherPackage())
          .because("a public type needs a user outside its package");

  @ArchTest static final ArchRule PACKAGES_SAY_SOMETHING_OF_NULL =
      classes()
          .should(resideInANullMarkedPackage())
          .because("every package declares its nullness");

  @ArchTest static final ArchRule OLD_DATES_ARE_NOT_USED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.util\\.(Date|.*Calendar)|java\\.text\\..*Date.*")
          .because("java.time replaces the legacy date API, and clocks are passed in");

  @ArchTest static final ArchRule STANDARD_STREAMS_ARE_NOT_WRITTEN_TO =
      noClasses()
          .that()
          .doNotHaveSimpleName("CommandLine")
          .should(ACCESS_STANDARD_STREAMS)
          .because("the service writes to its log; only commands write to a terminal");

  @ArchTest static final ArchRule THREAD_LOCALS_ARE_NOT_USED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ThreadLocal.class)
          .because("requests run on virtual threads, and their context is passed explicitly");

  private static ArchCondition<JavaClass> beUsedInAnotherPackage() {
    return new ArchCondition<>("be used in another package") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean used =
            type.getDirectDependenciesToSelf().stream()
                .anyMatch(use -> !use.getOriginClass().getPackage().equals(type.getPackage()));
        events.add(
            new SimpleConditionEvent(type, used, type.getName() + " is used in its package only"));
      }
    };
  }

  private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
    return new ArchCondition<>("reside in a package that is @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
        events.add(
            new SimpleConditionEvent(type, marked, type.getPackageName() + " is not @NullMarked"));
      }
    };
  }
}
