// Draws the view that the page has in `window.definition`.
import { DashboardContextProvider } from "@splunk/dashboard-context";
import { DashboardCore } from "@splunk/dashboard-core";
import EnterpriseViewOnlyPreset from "@splunk/dashboard-presets/EnterpriseViewOnlyPreset";
import SplunkThemeProvider from "@splunk/themes/SplunkThemeProvider";
import React from "react";
import { createRoot } from "react-dom/client";

createRoot(document.getElementById("view")).render(
  <SplunkThemeProvider family="enterprise" colorScheme="light" density="comfortable">
    <DashboardContextProvider preset={EnterpriseViewOnlyPreset} initialDefinition={window.definition}>
      <DashboardCore width="100%" height="auto" />
    </DashboardContextProvider>
  </SplunkThemeProvider>,
);
