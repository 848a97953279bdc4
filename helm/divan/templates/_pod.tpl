{{/* The template of the service's pods, for the StatefulSet and the Deployment. */}}
{{- define "divan.podTemplate" }}
{{- $annotations := dict "checksum/config" (include "divan.applicationYaml" . | sha256sum) }}
{{- if include "divan.hasSecret" . }}
{{- $_ := set $annotations "checksum/secret" (include "divan.secretData" . | sha256sum) }}
{{- end -}}
metadata:
  # Without the chart's version: pods are not replaced for it alone.
  labels:
    {{- $labels := include "divan.podLabels" . | fromYaml }}
    {{- toYaml (merge $labels .Values.podLabels .Values.commonLabels) | nindent 4 }}
  annotations:
    {{- toYaml (merge $annotations .Values.podAnnotations .Values.commonAnnotations) | nindent 4 }}
spec:
  serviceAccountName: {{ include "divan.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ int .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with .Values.schedulerName }}
  schedulerName: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and (include "divan.isFdb" .) .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- $selector := dict "matchLabels" (include "divan.selectorLabels" . | fromYaml) }}
    {{- range .Values.topologySpreadConstraints }}
    - {{- toYaml (merge (dict) . (dict "labelSelector" (default $selector .labelSelector))) | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or (include "divan.isFdb" .) .Values.initContainers }}
  initContainers:
    {{- if include "divan.isFdb" . }}
    {{- include "divan.fdbInitContainers" . | nindent 4 }}
    {{- end }}
    {{- with .Values.initContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    - name: divan
      image: {{ include "divan.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: 5984
          protocol: TCP
        - name: management
          containerPort: 9984
          protocol: TCP
      env:
        {{- include "divan.env" . | nindent 8 }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      startupProbe:
        httpGet:
          path: /actuator/health/liveness
          port: management
        {{- toYaml .Values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet:
          path: /actuator/health/liveness
          port: management
        {{- toYaml .Values.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet:
          path: /actuator/health/readiness
          port: management
        {{- toYaml .Values.probes.readiness | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: data
          mountPath: /var/lib/divan
        - name: tmp
          mountPath: /tmp
        - name: config
          mountPath: /etc/divan/application.yml
          subPath: application.yml
          readOnly: true
        - name: secrets
          mountPath: /etc/divan/secrets
          readOnly: true
        {{- if .Values.tls.enabled }}
        - name: tls
          mountPath: /etc/divan/tls
          readOnly: true
        {{- end }}
        {{- if include "divan.isFdb" . }}
        - name: fdb
          mountPath: /var/lib/fdb
        {{- if .Values.fdb.clientLibrary.image }}
        - name: fdb-library
          mountPath: /opt/foundationdb
          readOnly: true
        {{- end }}
        {{- if .Values.fdb.tls.enabled }}
        - name: fdb-tls
          mountPath: /etc/foundationdb/tls
          readOnly: true
        {{- end }}
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "divan.volumes" . | nindent 4 }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "divan.env" -}}
- name: JAVA_OPTS
  value: {{ printf "-XX:MaxRAMPercentage=%v %s" .Values.jvm.maxRamPercentage .Values.jvm.options | trim | quote }}
- name: SERVER_ADDRESS
  value: 0.0.0.0
- name: SERVER_PORT
  value: "5984"
- name: MANAGEMENT_SERVER_PORT
  value: "9984"
- name: DIVAN_ACCESS_OPEN_METRICS
  value: "true"
- name: SPRING_CONFIG_ADDITIONAL_LOCATION
  value: optional:file:/etc/divan/
- name: SPRING_CONFIG_IMPORT
  value: optional:configtree:/etc/divan/secrets/
- name: DIVAN_STORAGE_BACKEND
  value: {{ .Values.backend }}
- name: DIVAN_STORAGE_DIRECTORY
  value: /var/lib/divan
{{- if include "divan.isFdb" . }}
- name: DIVAN_STORAGE_FDB_CLUSTER_FILE
  value: /var/lib/fdb/fdb.cluster
{{- if .Values.fdb.clientLibrary.image }}
- name: LD_LIBRARY_PATH
  value: /opt/foundationdb
{{- end }}
{{- if .Values.fdb.tls.enabled }}
- name: FDB_TLS_CERTIFICATE_FILE
  value: /etc/foundationdb/tls/tls.crt
- name: FDB_TLS_KEY_FILE
  value: /etc/foundationdb/tls/tls.key
- name: FDB_TLS_CA_FILE
  value: /etc/foundationdb/tls/ca.crt
{{- with .Values.fdb.tls.verifyPeers }}
- name: FDB_TLS_VERIFY_PEERS
  value: {{ . | quote }}
{{- end }}
{{- if .Values.fdb.tls.passwordKey }}
- name: FDB_TLS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.fdb.tls.secretName }}
      key: {{ .Values.fdb.tls.passwordKey }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* FoundationDB's client rewrites the cluster file when coordinators change: it gets a copy. */}}
{{- define "divan.fdbInitContainers" -}}
- name: cluster-file
  image: {{ include "divan.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [/bin/sh, -c, cat /etc/foundationdb/source/fdb.cluster >/var/lib/fdb/fdb.cluster]
  {{- with .Values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: fdb-source
      mountPath: /etc/foundationdb/source
      readOnly: true
    - name: fdb
      mountPath: /var/lib/fdb
{{- if .Values.fdb.clientLibrary.image }}
- name: client-library
  image: {{ .Values.fdb.clientLibrary.image }}
  imagePullPolicy: {{ .Values.fdb.clientLibrary.pullPolicy }}
  command: [cp, {{ .Values.fdb.clientLibrary.path | quote }}, /opt/foundationdb/libfdb_c.so]
  {{- with .Values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: fdb-library
      mountPath: /opt/foundationdb
{{- end }}
{{- end }}

{{- define "divan.volumes" -}}
{{- if not (include "divan.claimsVolume" .) -}}
- name: data
  {{- if and (include "divan.isFile" .) .Values.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ .Values.persistence.existingClaim }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{ end -}}
- name: tmp
  {{- if .Values.tmp.sizeLimit }}
  emptyDir:
    sizeLimit: {{ .Values.tmp.sizeLimit }}
  {{- else }}
  emptyDir: {}
  {{- end }}
- name: config
  configMap:
    name: {{ include "divan.fullname" . }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- if include "divan.hasSecret" . }}
      - secret:
          name: {{ include "divan.fullname" . }}
      {{- end }}
      {{- with .Values.admin.existingSecret }}
      - secret:
          name: {{ . }}
          items:
            - key: {{ $.Values.admin.existingSecretKey }}
              path: divan.admins.{{ $.Values.admin.name }}
      {{- end }}
      {{- range .Values.existingSecretConfigs }}
      - secret:
          name: {{ . }}
      {{- end }}
{{- if .Values.tls.enabled }}
- name: tls
  secret:
    secretName: {{ .Values.tls.secretName }}
    defaultMode: 0440
    items:
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
      {{- if ne .Values.tls.clientAuth "none" }}
      - key: {{ .Values.tls.caKey }}
        path: ca.crt
      {{- end }}
{{- end }}
{{- if include "divan.isFdb" . }}
- name: fdb
  emptyDir: {}
{{- if .Values.fdb.clientLibrary.image }}
- name: fdb-library
  emptyDir: {}
{{- end }}
- name: fdb-source
  {{- if .Values.fdb.clusterFile.secret }}
  secret:
    secretName: {{ .Values.fdb.clusterFile.secret }}
    defaultMode: 0440
  {{- else }}
  configMap:
    name: {{ .Values.fdb.clusterFile.configMap }}
  {{- end }}
    items:
      - key: {{ .Values.fdb.clusterFile.key }}
        path: fdb.cluster
{{- if .Values.fdb.tls.enabled }}
- name: fdb-tls
  secret:
    secretName: {{ .Values.fdb.tls.secretName }}
    defaultMode: 0440
    items:
      - key: {{ .Values.fdb.tls.certificateKey }}
        path: tls.crt
      - key: {{ .Values.fdb.tls.privateKeyKey }}
        path: tls.key
      - key: {{ .Values.fdb.tls.caKey }}
        path: ca.crt
{{- end }}
{{- end }}
{{- end }}

{{/* Whether the StatefulSet makes a claim of its own. */}}
{{- define "divan.claimsVolume" -}}
{{- if and (include "divan.isFile" .) .Values.persistence.enabled (not .Values.persistence.existingClaim) }}true{{ end }}
{{- end }}

{{/* Whether the chart has a Secret of its own. */}}
{{- define "divan.hasSecret" -}}
{{- if or (not .Values.admin.existingSecret) .Values.secretConfig }}true{{ end }}
{{- end }}
