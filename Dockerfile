# The container image of Divan; docs/container.md describes how to build and run it.
#
#   docker build -t divan .                                          builds the jar, too
#   ./mvnw package && docker build --build-arg JAR=target/divan.jar -t divan .
#   docker build --build-arg FDB_VERSION=7.3.68 --build-arg FDB_SHA256=... -t divan:fdb .

ARG JDK_IMAGE=docker.io/library/eclipse-temurin:25-jdk
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim

# ---- The jar, extracted in layers.
FROM ${JDK_IMAGE} AS application
# The path of a jar that was built before. Without it, the Maven wrapper builds one.
ARG JAR=
WORKDIR /build
COPY . .
# mvnw needs unzip to verify the checksum of Maven.
RUN set -eu; \
    if [ -z "${JAR}" ]; then \
      apt-get update; apt-get install -y --no-install-recommends unzip; \
      ./mvnw -B -ntp package -DskipTests -Dspotless.check.skip -Dcheckstyle.skip; \
    fi; \
    java -Djarmode=tools -jar "${JAR:-target/divan.jar}" extract --layers --destination /layers

# ---- A Java runtime with only the modules that Divan and its libraries use.
FROM ${JDK_IMAGE} AS java
# Those that `jdeps` names, as a test of the build verifies, and jdk.zipfs, which opens jars as file
# systems.
ARG JAVA_MODULES=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.prefs,java.scripting,java.security.jgss,java.sql,java.xml,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs
# java.desktop is there for java.beans only: its native libraries are not needed.
RUN set -eu; \
    jlink --add-modules "${JAVA_MODULES}" --no-header-files --no-man-pages --compress zip-6 \
      --output /runtime; \
    cd /runtime/lib; \
    rm -f libawt*.so libfontmanager.so libfreetype.so libjavajpeg.so libjawt.so libjsound.so \
      liblcms.so libmlib_image.so libsplashscreen.so

# ---- FoundationDB's client library, if FDB_VERSION is set.
FROM ${JDK_IMAGE} AS foundationdb
ARG FDB_VERSION=
ARG FDB_SHA256=
ARG FDB_URL=
RUN set -eu; \
    mkdir -p /library/usr/lib; \
    if [ -z "${FDB_VERSION}" ]; then exit 0; fi; \
    if [ -z "${FDB_SHA256}" ]; then \
      echo "FDB_VERSION needs FDB_SHA256, the checksum of libfdb_c.so." >&2; exit 1; \
    fi; \
    if ! command -v curl >/dev/null; then \
      apt-get update; apt-get install -y --no-install-recommends ca-certificates curl; \
    fi; \
    releases=https://github.com/apple/foundationdb/releases/download; \
    curl -fsSL -o /library/usr/lib/libfdb_c.so \
      "${FDB_URL:-${releases}/${FDB_VERSION}/libfdb_c.$(uname -m).so}"; \
    echo "${FDB_SHA256}  /library/usr/lib/libfdb_c.so" | sha256sum -c -; \
    chmod 0755 /library/usr/lib/libfdb_c.so

# ---- A root of a few Debian packages: the C and C++ libraries, which FoundationDB's client may need,
# and busybox for the start script, the health check and a look around. Their entries in status.d let
# scanners find them.
FROM ${BASE_IMAGE} AS root
ARG PACKAGES="base-files busybox libatomic1 libc6 libgcc-s1 libstdc++6"
WORKDIR /root-files
RUN set -eu; \
    apt-get update; \
    apt-get install -y --no-install-recommends ${PACKAGES}; \
    mkdir -p etc/divan tmp usr/bin usr/lib usr/lib64 usr/sbin var/lib/divan var/lib/dpkg/status.d; \
    ln -s usr/bin usr/lib usr/lib64 usr/sbin .; \
    for package in ${PACKAGES}; do \
      dpkg -L "${package}" \
        | grep -Ev '^/(bin|lib|lib64|sbin)$|/(doc|gconv|locale|man|lintian|info)(/|$)' \
        | while read -r path; do \
            if [ -d "${path}" ] && [ ! -h "${path}" ]; then mkdir -p ".${path}"; \
            elif [ -e "${path}" ]; then cp -a --parents "${path}" .; \
            fi; \
          done; \
      dpkg-query -s "${package}" >"var/lib/dpkg/status.d/${package}"; \
    done; \
    for applet in $(busybox --list); do \
      [ "${applet}" = busybox ] || ln -sf busybox "usr/bin/${applet}"; \
    done; \
    echo 'root:x:0:0:root:/:/bin/sh' >etc/passwd; \
    echo 'divan:x:10001:10001:Divan:/var/lib/divan:/bin/sh' >>etc/passwd; \
    printf 'root:x:0:\ndivan:x:10001:\n' >etc/group; \
    printf 'hosts: files dns\n' >etc/nsswitch.conf; \
    chmod 1777 tmp; chown 10001:10001 var/lib/divan

# ---- What runs, still without the AOT cache. The layers that change least come first.
FROM scratch AS runtime
COPY --from=root /root-files /
COPY --from=java /runtime /opt/java
COPY --from=foundationdb /library /
COPY --from=application /layers/dependencies /layers/spring-boot-loader /layers/snapshot-dependencies /opt/divan/
COPY --from=application /layers/application /opt/divan/
COPY bin/divan bin/healthcheck bin/jvm.options /opt/divan/bin/
ENV JAVA_HOME=/opt/java \
    LANG=C.UTF-8 \
    PATH=/opt/divan/bin:/opt/java/bin:/usr/sbin:/usr/bin \
    DIVAN_STORAGE_DIRECTORY=/var/lib/divan \
    SERVER_ADDRESS=0.0.0.0 \
    SPRING_CONFIG_ADDITIONAL_LOCATION=optional:file:/etc/divan/ \
    SPRING_CONFIG_IMPORT=optional:configtree:/etc/divan/secrets/
WORKDIR /opt/divan

# ---- The AOT cache, from a real run with this JVM, these options and these files.
FROM runtime AS training
ARG TRAINING_REQUESTS=10000
RUN divan train --requests=${TRAINING_REQUESTS} && chmod 0644 divan.aot

FROM runtime
COPY --from=training /opt/divan/divan.aot /opt/divan/
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="Divan" \
      org.opencontainers.image.description="CouchDB's HTTP API, revision trees and replication over pluggable transactional storage" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
VOLUME /var/lib/divan
EXPOSE 5984 9984
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/opt/divan/bin/healthcheck"]
# The script replaces itself by the JVM: SIGTERM reaches it, and its exit code is the container's.
ENTRYPOINT ["/opt/divan/bin/divan"]
