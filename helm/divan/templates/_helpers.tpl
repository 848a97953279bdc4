{{- define "divan.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of most objects; at most 52 characters, because others append to it. */}}
{{- define "divan.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "divan.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "divan.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "divan.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "divan.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "divan.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "divan.selectorLabels" -}}
app.kubernetes.io/name: {{ include "divan.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of the pod of `helm test`, which no Service selects. */}}
{{- define "divan.testLabels" -}}
app.kubernetes.io/name: {{ include "divan.name" . | trunc 58 }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels that every object has. */}}
{{- define "divan.labelMap" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "divan.podLabels" . }}
{{- end }}

{{- define "divan.podLabels" -}}
app.kubernetes.io/version: {{ default .Chart.AppVersion .Values.image.tag | trunc 63 | trimAll "-_." | quote }}
{{ include "divan.selectorLabels" . }}
{{- end }}

{{/*
The metadata of an object. Arguments: root; name, a suffix of the object's name; namespace, labels and
annotations, each optional.
*/}}
{{- define "divan.metadata" -}}
name: {{ include "divan.fullname" .root }}{{ with .name }}-{{ . }}{{ end }}
namespace: {{ default .root.Release.Namespace .namespace }}
labels:
  {{- include "divan.labels" . | nindent 2 }}
{{- with merge (dict) (default dict .annotations) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "divan.labels" -}}
{{- $own := include "divan.labelMap" .root | fromYaml }}
{{- toYaml (merge (dict) $own (default dict .labels) .root.Values.commonLabels) }}
{{- end }}

{{/* Whether the backend keeps files. */}}
{{- define "divan.isFile" -}}
{{- if has .Values.backend (list "redb" "sqlite" "leveldb") }}true{{ end }}
{{- end }}

{{- define "divan.isFdb" -}}
{{- if eq .Values.backend "fdb" }}true{{ end }}
{{- end }}

{{- define "divan.replicas" -}}
{{- if kindIs "invalid" .Values.replicas }}
{{- ternary 2 1 (eq .Values.backend "fdb") }}
{{- else }}
{{- int .Values.replicas }}
{{- end }}
{{- end }}

{{- define "divan.drainSeconds" -}}
{{- if kindIs "invalid" .Values.shutdown.drainSeconds }}
{{- ternary 10 1 (eq .Values.backend "fdb") }}
{{- else }}
{{- int .Values.shutdown.drainSeconds }}
{{- end }}
{{- end }}

{{- define "divan.scheme" -}}
{{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}

{{/* The Secret and the key that hold the administrator's password. */}}
{{- define "divan.adminSecret" -}}
{{- default (include "divan.fullname" .) .Values.admin.existingSecret }}
{{- end }}

{{- define "divan.adminSecretKey" -}}
{{- if .Values.admin.existingSecret }}
{{- .Values.admin.existingSecretKey }}
{{- else }}
{{- printf "divan.admins.%s" .Values.admin.name }}
{{- end }}
{{- end }}

{{/*
The contents of the chart's Secret, encoded: the administrator's password and secretConfig. A password
that is generated is generated once a render, and taken from the Secret if it exists.
*/}}
{{- define "divan.secretData" -}}
{{- $data := dict }}
{{- range $name, $value := .Values.secretConfig }}
{{- $_ := set $data $name (toString $value | b64enc) }}
{{- end }}
{{- if not .Values.admin.existingSecret }}
{{- $key := include "divan.adminSecretKey" . }}
{{- if .Values.admin.password }}
{{- $_ := set $data $key (.Values.admin.password | b64enc) }}
{{- else }}
{{- $secret := default dict (lookup "v1" "Secret" .Release.Namespace (include "divan.fullname" .)) }}
{{- $kept := dig "data" $key "" $secret }}
{{- if and (not $kept) (not (hasKey . "generatedPassword")) }}
{{- $_ := set . "generatedPassword" (randAlphaNum 24 | b64enc) }}
{{- end }}
{{- $_ := set $data $key (default (get . "generatedPassword") $kept) }}
{{- end }}
{{- end }}
{{- toYaml $data }}
{{- end }}

{{/* The contents of application.yml: what other values say, and config, which precedes it. */}}
{{- define "divan.applicationYaml" -}}
{{- $http := dict "drain-time" (printf "%ss" (include "divan.drainSeconds" .)) }}
{{- with .Values.trustedProxies }}
{{- $_ := set $http "trusted-proxies" (join ", " .) }}
{{- end }}
{{- $divan := dict "http" $http "server" (dict "maintenance-mode" .Values.maintenanceMode) }}
{{- if include "divan.isFdb" . }}
{{- $_ := set $divan "storage" (dict "fdb" (dict "directory" .Values.fdb.directory)) }}
{{- end }}
{{- $phase := printf "%ds" (int .Values.shutdown.requestSeconds) }}
{{- $spring := dict "lifecycle" (dict "timeout-per-shutdown-phase" $phase) }}
{{- $logging := dict "level" (dict "io.divan" .Values.logging.level) }}
{{- if eq .Values.logging.format "json" }}
{{- $_ := set $logging "structured" (dict "format" (dict "console" "logstash")) }}
{{- end }}
{{- $own := dict "divan" $divan "spring" $spring "logging" $logging }}
{{- if .Values.tls.enabled }}
{{- $keys := dict "certificate" "file:/etc/divan/tls/tls.crt" "private-key" "file:/etc/divan/tls/tls.key" }}
{{- $bundle := dict "reload-on-update" true "keystore" $keys }}
{{- $ssl := dict "bundle" "divan" }}
{{- if ne .Values.tls.clientAuth "none" }}
{{- $_ := set $ssl "client-auth" .Values.tls.clientAuth }}
{{- $_ := set $bundle "truststore" (dict "certificate" "file:/etc/divan/tls/ca.crt") }}
{{- end }}
{{- $_ := set $spring "ssl" (dict "bundle" (dict "pem" (dict "divan" $bundle))) }}
{{- $_ := set $own "server" (dict "ssl" $ssl) }}
{{- $_ := set $own "management" (dict "server" (dict "ssl" (dict "enabled" false))) }}
{{- end }}
{{- toYaml (mergeOverwrite $own (deepCopy .Values.config)) }}
{{- end }}
